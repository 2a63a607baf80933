//! Builds the library, and runs the programs in `c/`, `cpp/`, `go/` and `python/` with it.
//! What a machine has no tool for is left out, and says so.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::{env, fs};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The folder with the libraries. `cargo test` builds no cdylib, so this does, once.
fn libraries() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // This program is target/PROFILE/deps/c-HASH.
        let program = env::current_exe().unwrap();
        let folder = program.parent().unwrap().parent().unwrap();
        let profile = match folder.file_name().unwrap().to_str().unwrap() {
            "debug" => "dev",
            name => name,
        };
        let mut build = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        build
            .args(["build", "--lib", "--quiet", "--profile", profile, "--target-dir"])
            .arg(folder.parent().unwrap())
            .current_dir(ROOT);
        // What `cargo test` says of this package would make ring's build script run anew.
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                build.env_remove(name);
            }
        }
        run(&mut build);
        folder.to_owned()
    })
}

/// Runs a command that must end well, and returns what it printed.
fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{printed}{errors}", output.status);
    printed
}

/// Whether the machine has a tool. Where a build server lacks one, that is a failure: nobody
/// would read there that something was left out.
fn has(tool: &str, version: &str) -> bool {
    let found = Command::new(tool).arg(version).output().is_ok_and(|out| out.status.success());
    if !found {
        assert!(env::var_os("CI").is_none(), "no {tool} on a build server");
        eprintln!("no {tool} here: left out");
    }
    found
}

/// Compiles a program against the header, strictly, and links it with these arguments.
fn compile(compiler: &str, source: &str, link: &[String]) -> PathBuf {
    let folder = libraries().join("capi-programs");
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join(format!("{}-{}", source.replace('/', "-"), link.len()));
    run(Command::new(compiler)
        .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-O1", "-pthread", "-Iinclude"])
        .args([source, "-o"])
        .arg(&program)
        .args(link)
        .current_dir(ROOT));
    program
}

/// Runs a program with the shared library, and once more under valgrind, which finds every leak
/// and every access to memory that is not the program's. `briefly` is what tells the program to
/// do less there, where all is some fifty times slower.
fn check(compiler: &str, source: &str, briefly: &[&str]) -> String {
    let folder = libraries().display();
    let link = [format!("-L{folder}"), "-lnirvana_labs_c".into(), format!("-Wl,-rpath,{folder}")];
    let program = compile(compiler, source, &link);
    if has("valgrind", "--version") {
        run(Command::new("valgrind")
            .args(["--quiet", "--leak-check=full", "--show-leak-kinds=all"])
            .args(["--errors-for-leak-kinds=definite,indirect,possible", "--error-exitcode=9"])
            .arg(&program)
            .args(briefly));
    }
    run(&mut Command::new(program))
}

#[test]
fn the_walkthrough_runs_and_leaks_nothing() {
    assert!(check("cc", "c/walkthrough.c", &[]).ends_with("done\n"));
}

#[test]
fn bad_arguments_are_refused() {
    assert!(check("cc", "c/misuse.c", &[]).ends_with(" calls refused\n"));
}

#[test]
fn eight_threads_and_a_canceller_get_along() {
    assert!(check("cc", "c/stress.c", &["3"]).ends_with("done\n"));
}

/// With the libraries that README.md names, as
/// `cargo rustc -- --print native-static-libs` says.
#[test]
#[cfg(target_os = "linux")]
fn the_static_library_links() {
    let library = libraries().join("libnirvana_labs_c.a").display().to_string();
    let system = ["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl"].map(str::to_owned);
    let program = compile("cc", "c/walkthrough.c", &[vec![library], system.to_vec()].concat());
    assert!(run(&mut Command::new(program)).ends_with("done\n"));
}

#[test]
fn cpp_says_hello() {
    if has("c++", "--version") {
        assert!(check("c++", "cpp/hello.cpp", &[]).contains("\"name\":\"Acme\""));
    }
}

#[test]
fn python_says_hello() {
    if has("python3", "--version") {
        let library = libraries().join(format!("{DLL_PREFIX}nirvana_labs_c{DLL_SUFFIX}"));
        let script = Path::new(ROOT).join("python/hello.py");
        let printed = run(Command::new("python3").arg(script).arg(library));
        assert!(printed.starts_with("org_1\norg_2\n['Acme', 'Göteborg']\n404 "), "{printed}");
        assert!(printed.lines().last().unwrap().starts_with("3 "), "{printed}");
    }
}

#[test]
fn go_says_hello() {
    if has("go", "version") {
        let folder = libraries().display();
        let printed = run(Command::new("go")
            .args(["run", "."])
            .current_dir(Path::new(ROOT).join("go"))
            .env("CGO_ENABLED", "1")
            .env("CGO_CFLAGS", format!("-I{ROOT}/include"))
            .env("CGO_LDFLAGS", format!("-L{folder} -lnirvana_labs_c -Wl,-rpath,{folder}")));
        assert!(printed.starts_with("org_1 <nil>\nPOST /v1/organizations: 422"), "{printed}");
    }
}

#[test]
fn the_readme_s_program_says_hello() {
    let read = |path: &str| fs::read_to_string(Path::new(ROOT).join(path)).unwrap();
    assert!(read("README.md").contains(&format!("```c\n{}```", read("c/hello.c"))));
    assert!(check("cc", "c/hello.c", &[]).contains("\"name\":\"Acme\""));
}

/// Every function of the header is called by a C program here, so that none is missing from
/// the library.
#[test]
fn no_function_is_left_untried() {
    let read = |path: &str| fs::read_to_string(Path::new(ROOT).join(path)).unwrap();
    let programs = read("c/walkthrough.c") + &read("c/misuse.c");
    let header = read("include/nirvana_labs.h");
    let functions: Vec<&str> = header
        .lines()
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_once('(')?.0.split([' ', '*']).next_back())
        .filter(|name| name.starts_with("nirvana_"))
        .collect();
    assert!((25..=38).contains(&functions.len()), "{functions:?}");
    for function in functions {
        assert!(programs.contains(function), "{function} is in no program");
    }
}
