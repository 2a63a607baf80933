use nirvana_labs::*;
fn main() -> Result<()> {
    let api = Api::builder().api_key("k").base_url("http://localhost:8099").build()?;
    println!("{:#?}", api.get_organization("org_1")?);
    println!("{}", api.list_organizations(ListParams::new().limit(100)).count());
    println!("{}", api.get_organization("missing").unwrap_err());
    println!("{}", api.leave_organization("x").unwrap_err());
    println!("{}", api.create_organization(&OrganizationCreateParams::new("a")).unwrap_err());
    println!("{}", Api::builder().api_key("k").base_url("http://localhost:1").build()?.get_organization("org_1").unwrap_err());
    println!("{}", Api::builder().api_key("k").base_url("https://nonexistent.invalid").build()?.get_organization("org_1").unwrap_err());
    Ok(())
}
