#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nirvana_labs_fuzz::error_body::check(data));
