//! Prints what was baked in.

fn main() {
    println!("{:#?}", baked_organization::ORGANIZATION);
}
