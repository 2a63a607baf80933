//! Gives the shared library its file name as its name, so that a program that was linked with it
//! also finds it in another folder.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |key, value| env::var(key).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_VENDOR", "apple") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libnirvana_labs_c.dylib");
    } else if is("CARGO_CFG_TARGET_FAMILY", "unix") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libnirvana_labs_c.so");
    }
}
