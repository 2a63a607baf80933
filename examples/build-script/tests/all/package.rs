//! A copy of this package that is built with Cargo.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{env, fs};

const SOURCE: &str = env!("CARGO_MANIFEST_DIR");
const COPIED: [&str; 8] = [
    "Cargo.toml",
    "Cargo.lock",
    "organization.json",
    "build.rs",
    "build/bake.rs",
    "build/organization.rs",
    "src/lib.rs",
    "src/main.rs",
];

/// What the copy is called. It shares the target directory of this package, so that nothing
/// it depends on is compiled again; its own files are told apart by this name.
pub const NAME: &str = "baked-organization-copy";

/// One build at a time, since there is one copy.
static TURN: Mutex<()> = Mutex::new(());

pub struct Package {
    dir: PathBuf,
    target: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

/// What a build said, and what the program it built prints.
pub struct Built {
    pub success: bool,
    /// What Cargo shows.
    pub log: String,
    /// What the build script printed; nothing where it did not run.
    pub script: Vec<String>,
    /// What the program printed.
    pub printed: String,
}

impl Package {
    /// The package as it is here, never built before; only, it waits 1 s for the network.
    pub fn new() -> Package {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let own = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let target = own.parent().unwrap().to_owned();
        let package = Package { dir: own.join(NAME), target, _turn: turn };
        for file in COPIED {
            let text = fs::read_to_string(Path::new(SOURCE).join(file)).unwrap();
            let text = match file {
                "Cargo.toml" => {
                    let client = Path::new(SOURCE).join("../..").canonicalize().unwrap();
                    let text = replaced(&text, "\"../..\"", &format!("{client:?}"));
                    replaced(&text, "\"baked-organization\"", &format!("\"{NAME}\""))
                        + "\n[lib]\nname = \"baked_organization\"\n"
                }
                "Cargo.lock" => replaced(&text, "\"baked-organization\"", &format!("\"{NAME}\"")),
                "build.rs" => replaced(&text, "Duration::from_secs(10)", "Duration::from_secs(1)"),
                _ => text,
            };
            package.write(file, &text);
        }
        for dir in package.own_target_entries("build") {
            let out = dir.join("out");
            if out.exists() {
                fs::remove_dir_all(out).unwrap();
            }
        }
        package
    }

    /// Runs `cargo run` with these variables and none of those that the build script knows.
    pub fn run(&self, variables: &[(&str, &str)]) -> Built {
        // What Cargo told this test about itself is not the other package's business; ring,
        // for one, is compiled anew when it changes.
        let ours = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_", "OUT_DIR"];
        let is_ours = |name: &OsStr| {
            let name = name.to_string_lossy();
            ours.iter().any(|start| name.starts_with(start))
        };
        let mut cargo = Command::new(env!("CARGO"));
        for (name, _) in env::vars_os().filter(|(name, _)| is_ours(name)) {
            cargo.env_remove(name);
        }
        let output = cargo
            // Loud, so that all that the build script prints is seen.
            .args(["run", "--offline", "--locked", "-vv"])
            .current_dir(&self.dir)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("NIRVANA_LABS_API_KEY")
            .env_remove("NIRVANA_LABS_BASE_URL")
            .env_remove("NIRVANA_LABS_ORGANIZATION_ID")
            .env_remove("DOCS_RS")
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let (scripts, program): (Vec<&str>, Vec<&str>) =
            stdout.split_inclusive('\n').partition(|line| line.starts_with('['));
        let own = format!("[{NAME} 0.1.0] ");
        let own = scripts.iter().filter_map(|line| line.strip_prefix(&own));
        Built {
            success: output.status.success(),
            log: String::from_utf8(output.stderr).unwrap(),
            script: own.map(|line| line.trim_end_matches('\n').to_owned()).collect(),
            printed: program.concat(),
        }
    }

    /// Writes a file of the copy if it is another than before. `organization.json` is
    /// always written: that makes the build script run.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.dir.join(file);
        let same = fs::read_to_string(&path).is_ok_and(|old| old == text);
        if !same || file == "organization.json" {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.dir.join(file)).unwrap()
    }

    /// Every file of the source tree of the copy, by name.
    pub fn source_files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        collect(&self.dir, &mut files);
        files.sort();
        files
    }

    /// Every file of the target directory that is this package's own and holds `text`.
    pub fn target_files_with(&self, text: &str) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for part in ["build", ".fingerprint", "deps", "incremental"] {
            for path in self.own_target_entries(part) {
                collect(&path, &mut files);
            }
        }
        // The compiled build script is large, and older than any answer.
        let is_script = |file: &Path| {
            file.file_name().is_some_and(|name| {
                let name = name.to_string_lossy().replace('_', "-");
                name.starts_with("build-script-build")
                    && fs::metadata(file).unwrap().len() > 1_000_000
            })
        };
        files.retain(|file| !is_script(file) && holds(&fs::read(file).unwrap(), text));
        files
    }

    /// What is this package's own in a part of the target directory.
    fn own_target_entries(&self, part: &str) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.target.join("debug").join(part)) else {
            return Vec::new();
        };
        // The library's name is that of the package itself, which never saw a key either.
        let is_own = |name: &str| {
            name.replace('_', "-").starts_with(NAME) || name.starts_with("libbaked_organization-")
        };
        let entries = entries.map(|entry| entry.unwrap());
        let own = entries.filter(|entry| entry.file_name().to_str().is_some_and(is_own));
        own.map(|entry| entry.path()).collect()
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), files);
        }
    } else {
        files.push(path.to_owned());
    }
}

/// `windows` would do, and take a second for each program when not optimized.
fn holds(bytes: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(bytes).contains(text)
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not there any more");
    text.replace(from, to)
}
