#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nirvana_labs_fuzz::retry_after::check(data));
