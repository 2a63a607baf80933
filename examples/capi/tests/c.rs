//! Runs the programs in `c/`, `cpp/`, `go/` and `python/` with the library. A program whose tool is
//! not installed is skipped, with a message.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Returns the folder with the libraries, which is also the folder of this program.
fn libraries() -> String {
    env::current_exe().unwrap().parent().unwrap().to_str().unwrap().to_owned()
}

/// Runs a command that must succeed, and returns its output.
fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{printed}{errors}", output.status);
    printed
}

/// Returns whether a tool is installed. Panics if it is missing on a build server, because nobody
/// would notice the skipped test there.
fn has(tool: &str, version: &str) -> bool {
    let found = Command::new(tool).arg(version).output().is_ok_and(|out| out.status.success());
    if !found {
        assert!(env::var_os("CI").is_none(), "{tool} is not installed on the build server");
        eprintln!("skipped: {tool} is not installed");
    }
    found
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap()
}

/// Compiles a program with all warnings as errors, links it with these arguments, and returns its
/// path.
fn compile(compiler: &str, source: &str, link: &[&str]) -> String {
    let folder = libraries() + "/capi-programs";
    fs::create_dir_all(&folder).unwrap();
    let program = format!("{folder}/{}-{}", source.replace('/', "-"), link.len());
    run(Command::new(compiler)
        .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-O1", "-pthread", "-Iinclude"])
        .args([source, "-o", &program])
        .args(link)
        .current_dir(ROOT));
    program
}

/// Returns the linker arguments for the shared library.
fn shared() -> [String; 3] {
    let folder = libraries();
    [format!("-L{folder}"), "-lnirvana_labs_c".to_owned(), format!("-Wl,-rpath,{folder}")]
}

/// Runs a program with the shared library, and again under valgrind, which finds leaks and invalid
/// memory accesses. With the arguments `briefly`, the program does less under valgrind, which
/// is about 50 times slower.
fn check(compiler: &str, source: &str, briefly: &[&str]) -> String {
    let program = compile(compiler, source, &shared().each_ref().map(String::as_str));
    if has("valgrind", "--version") {
        run(Command::new("valgrind")
            .args(["--quiet", "--leak-check=full", "--error-exitcode=9"])
            .args(["--errors-for-leak-kinds=definite,indirect,possible", &program])
            .args(briefly));
    }
    run(&mut Command::new(program))
}

#[test]
fn the_walkthrough_succeeds_and_leaks_nothing() {
    assert!(check("cc", "c/walkthrough.c", &[]).ends_with("done\n"));
}

#[test]
fn invalid_arguments_are_refused() {
    assert!(check("cc", "c/misuse.c", &[]).ends_with(" calls refused\n"));
}

#[test]
fn threads_and_signal_handlers_cancel_calls() {
    assert!(check("cc", "c/stress.c", &["3"]).ends_with("by a signal handler\ndone\n"));
}

#[test]
fn the_program_in_the_readme_succeeds() {
    assert!(read("README.md").contains(&format!("```c\n{}```", read("c/hello.c"))));
    assert!(check("cc", "c/hello.c", &[]).contains("\"name\":\"Acme\""));
}

#[test]
fn the_header_compiles_as_c89() {
    let options = ["-std=c89", "-pedantic-errors", "-Wall", "-Werror", "-fsyntax-only", "-x", "c"];
    run(Command::new("cc").args(options).arg("include/nirvana_labs.h").current_dir(ROOT));
}

/// Runs the README's commands, with other folders for the installation and the libraries.
#[test]
#[cfg(target_os = "linux")]
fn an_installed_library_is_found_by_its_name() {
    if !has("pkg-config", "--version") {
        return;
    }
    let prefix = libraries() + "/capi-installed";
    let _ = fs::remove_dir_all(&prefix);
    let shell = |command: &str| {
        let command = command.replace("target/release", &libraries());
        let command = command.replace("/usr/local", &prefix).replace("-o hello", "-o $PROGRAM");
        run(Command::new("sh")
            .args(["-euc", &command])
            .env("PKG_CONFIG_PATH", format!("{prefix}/lib/pkgconfig"))
            .env("PROGRAM", format!("{prefix}/hello"))
            .current_dir(ROOT))
    };
    let hello = |folder: &str| {
        let mut program = Command::new(format!("{prefix}/hello"));
        assert!(run(program.env("LD_LIBRARY_PATH", folder)).contains("\"name\":\"Acme\""));
    };
    for command in read("README.md").lines() {
        if command.starts_with("install ") || command.contains("$(pkg-config") {
            shell(command);
        }
    }
    hello(&format!("{prefix}/lib"));
    let version = shell("pkg-config --modversion nirvana_labs_c");
    assert_eq!(version.trim(), env!("CARGO_PKG_VERSION"));

    // A program that was linked with the library's path also finds the library in another folder.
    shell("cc c/hello.c -o hello -Iinclude /usr/local/lib/libnirvana_labs_c.so");
    fs::rename(format!("{prefix}/lib"), format!("{prefix}/moved")).unwrap();
    hello(&format!("{prefix}/moved"));
}

/// Links with the system libraries that README.md names.
#[test]
#[cfg(target_os = "linux")]
fn the_static_library_links() {
    let (readme, library) = (read("README.md"), libraries() + "/libnirvana_labs_c.a");
    let system = readme.lines().find_map(|line| line.split_once("libnirvana_labs_c.a ")).unwrap().1;
    let link: Vec<&str> = [library.as_str()].into_iter().chain(system.split(' ')).collect();
    assert!(run(&mut Command::new(compile("cc", "c/walkthrough.c", &link))).ends_with("done\n"));
}

#[test]
fn the_cpp_program_succeeds() {
    if has("c++", "--version") {
        assert!(check("c++", "cpp/hello.cpp", &[]).contains("\"name\":\"Acme\""));
    }
}

#[test]
fn the_python_program_succeeds() {
    if has("python3", "--version") {
        let library = format!("{}/{DLL_PREFIX}nirvana_labs_c{DLL_SUFFIX}", libraries());
        let script = Path::new(ROOT).join("python/hello.py");
        let printed = run(Command::new("python3").arg(script).arg(library));
        assert!(printed.starts_with("org_1\norg_2\n['Acme', 'Göteborg']\n404 "), "{printed}");
        assert!(printed.lines().last().unwrap().starts_with("3 "), "{printed}");
    }
}

#[test]
fn the_go_program_succeeds() {
    if has("go", "version") {
        let printed = run(Command::new("go")
            .args(["run", "."])
            .current_dir(Path::new(ROOT).join("go"))
            .env("CGO_ENABLED", "1")
            .env("CGO_CFLAGS", format!("-I{ROOT}/include"))
            .env("CGO_LDFLAGS", shared().join(" ")));
        assert!(printed.starts_with("org_1 <nil>\nPOST /v1/organizations: 422"), "{printed}");
    }
}

/// If the library lacked a function that the header declares, these programs would not link.
#[test]
fn the_c_programs_call_every_function() {
    let programs = read("c/walkthrough.c") + &read("c/misuse.c");
    let header = read("include/nirvana_labs.h");
    let functions: Vec<&str> = header
        .lines()
        .filter(|line| !line.starts_with([' ', '/']))
        .filter_map(|line| line.split_once('(')?.0.split([' ', '*']).next_back())
        .filter(|name| name.starts_with("nirvana_"))
        .collect();
    assert!((25..=38).contains(&functions.len()), "{functions:?}");
    for function in functions {
        assert!(programs.contains(&format!("{function}(")), "no program calls {function}");
    }
}
