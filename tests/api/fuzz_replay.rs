//! Runs the checks of the fuzz targets on the fuzz corpus, with every `cargo test`.

use std::fs;
use std::path::Path;

use crate::checks::CHECKS;

#[test]
fn the_corpus_passes_its_checks() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    for (name, check) in CHECKS {
        let mut inputs = 0;
        for file in fs::read_dir(corpus.join(name)).unwrap() {
            let path = file.unwrap().path();
            // The test output shows this path if the check fails.
            println!("{}", path.display());
            check(&fs::read(&path).unwrap());
            inputs += 1;
        }
        assert!(inputs >= 10, "{name} has {inputs} inputs");
    }
    assert_eq!(fs::read_dir(&corpus).unwrap().count(), CHECKS.len());
}
