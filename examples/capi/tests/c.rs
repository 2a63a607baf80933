//! Builds the library, and runs the programs in `c/`, `cpp/`, `go/` and `python/` with it.
//! What a machine has no tool for is left out, and says so.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::{env, fs};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// What a program needs beside the static library, as
/// `cargo rustc -- --print native-static-libs` says.
#[cfg(target_os = "linux")]
const STATIC_LIBRARIES: [&str; 5] = ["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm"];

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
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
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
    let (printed, errors) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr),
    );
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

/// Compiles a program against the header, strictly, and links it as `link` says.
fn compile(compiler: &str, source: &str, name: &str, link: &[&OsStr]) -> PathBuf {
    let folder = libraries().join("capi-programs");
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join(name);
    run(Command::new(compiler)
        .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-O1", "-pthread", "-I"])
        .arg(Path::new(ROOT).join("include"))
        .arg(Path::new(ROOT).join(source))
        .arg("-o")
        .arg(&program)
        .args(link));
    program
}

fn compile_shared(compiler: &str, source: &str, name: &str) -> PathBuf {
    let mut rpath = OsStr::new("-Wl,-rpath,").to_owned();
    rpath.push(libraries());
    let link = ["-L".as_ref(), libraries().as_os_str(), "-lnirvana_labs_c".as_ref(), &rpath];
    compile(compiler, source, name, &link)
}

/// Runs a program, and once more under valgrind, which finds every leak and every access to
/// memory that is not the program's. `briefly` is what tells the program to do less there,
/// where all is some fifty times slower.
fn run_checked(program: &Path, briefly: &[&str]) -> String {
    if has("valgrind", "--version") {
        run(Command::new("valgrind")
            .args(["--quiet", "--leak-check=full", "--show-leak-kinds=all"])
            .args(["--errors-for-leak-kinds=definite,indirect,possible", "--error-exitcode=9"])
            .arg(program)
            .args(briefly));
    }
    run(&mut Command::new(program))
}

#[test]
fn the_walkthrough_runs_and_leaks_nothing() {
    let program = compile_shared("cc", "c/walkthrough.c", "walkthrough");
    let printed = run_checked(&program, &[]);
    assert!(printed.ends_with("done\n"), "{printed}");
}

#[test]
fn bad_arguments_are_refused() {
    let program = compile_shared("cc", "c/misuse.c", "misuse");
    assert!(run_checked(&program, &[]).ends_with(" calls refused\n"));
}

#[test]
fn eight_threads_and_a_canceller_get_along() {
    let program = compile_shared("cc", "c/stress.c", "stress");
    assert!(run_checked(&program, &["3"]).ends_with("done\n"));
}

#[test]
#[cfg(target_os = "linux")]
fn the_static_library_links() {
    let library = libraries().join("libnirvana_labs_c.a");
    let mut link = vec![library.as_os_str()];
    link.extend(STATIC_LIBRARIES.iter().map(OsStr::new));
    let program = compile("cc", "c/walkthrough.c", "walkthrough-static", &link);
    assert!(run(&mut Command::new(program)).ends_with("done\n"));
}

#[test]
fn cpp_compiles_and_runs() {
    if has("c++", "--version") {
        let program = compile_shared("c++", "cpp/hello.cpp", "hello");
        assert!(run_checked(&program, &[]).contains("\"name\":\"Acme\""));
    }
}

#[test]
fn python_walks_through() {
    if has("python3", "--version") {
        let library = libraries().join(format!("{DLL_PREFIX}nirvana_labs_c{DLL_SUFFIX}"));
        let script = Path::new(ROOT).join("python/walkthrough.py");
        assert!(run(Command::new("python3").arg(script).arg(library)).ends_with("done\n"));
    }
}

#[test]
fn go_says_hello() {
    if has("go", "version") {
        let include = format!("-I{ROOT}/include");
        let folder = libraries().display();
        let printed = run(Command::new("go")
            .args(["run", "."])
            .current_dir(Path::new(ROOT).join("go"))
            .env("CGO_ENABLED", "1")
            .env("CGO_CFLAGS", include)
            .env("CGO_LDFLAGS", format!("-L{folder} -lnirvana_labs_c -Wl,-rpath,{folder}")));
        assert!(printed.starts_with("org_1 Acme\n"), "{printed}");
    }
}

/// The first program in README.md compiles, and without a key says so.
#[test]
fn the_readme_s_program_runs() {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let code = readme.split("```c\n").nth(1).unwrap().split("```").next().unwrap();
    let source = libraries().join("readme.c");
    fs::write(&source, code).unwrap();
    let program = compile_shared("cc", source.to_str().unwrap(), "readme");
    let output = Command::new(program).env_remove("NIRVANA_LABS_API_KEY").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.starts_with("NIRVANA_LABS_API_KEY is not set"), "{said}");
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
        .filter_map(|line| line.split_once('(')?.0.split([' ', '*']).next_back())
        .filter(|name| name.starts_with("nirvana_"))
        .collect();
    assert!(functions.len() > 50, "{functions:?}");
    for function in functions {
        assert!(programs.contains(function), "{function} is in no program");
    }
}
