//! Prints the organization that was baked in.

fn main() {
    println!("{:#?}", baked_organization::ORGANIZATION);
}
