//! The in-memory mock of the API behind `--sandbox` and `serve`: what `sandbox.txt` says is in
//! it.

use nirvana_labs::{AddressCreateParams, MembershipRole, OrganizationType, Result, Sandbox};
use time::{Duration, OffsetDateTime};

/// The first of June 2026: a fixed time, so that every run shows the same.
const EPOCH: i64 = 1_780_272_000;

/// A sandbox with some organizations in it, always the same. The first user has the first of
/// `keys`, the second the second and so on; without keys, whoever calls is the first user.
pub(crate) fn seeded(keys: &[String]) -> Result<Sandbox> {
    let sandbox = match keys.first() {
        Some(key) => Sandbox::with_api_key(key),
        None => Sandbox::new(),
    };
    sandbox.set_time(OffsetDateTime::UNIX_EPOCH + Duration::seconds(EPOCH));
    // A user without a key has one that no header can hold.
    let key = |n: usize| keys.get(n).cloned().unwrap_or_else(|| format!("\n{n}"));
    let users: Vec<String> = (1..keys.len().max(250)).map(|n| sandbox.add_user(key(n))).collect();

    let acme = sandbox.add_organization("Acme").id;
    for (n, user) in users.iter().enumerate() {
        sandbox.advance(std::time::Duration::from_secs(3600));
        let role = if n == 0 { MembershipRole::Owner } else { MembershipRole::Member };
        sandbox.add_member(&acme, user, role)?;
    }
    sandbox.add_domain(&acme, "acme.example", true)?;
    sandbox.add_domain(&acme, "acme.test", false)?;
    sandbox.edit_organization(&acme, |acme| {
        acme.billing_email = Some("billing@acme.example".to_owned());
        acme.services.sso = true;
    })?;
    let address = AddressCreateParams::new("San Francisco", "US", "123 Main St", "94105")
        .line2("Suite 4")
        .state("CA");
    sandbox.add_address(&acme, &address)?;

    let globex = sandbox.add_organization("Globex").id;
    for (user, role) in users.iter().zip([MembershipRole::Owner, MembershipRole::Member]) {
        sandbox.add_member(&globex, user, role)?;
    }

    let robin = sandbox.add_organization("Robin").id;
    sandbox.edit_organization(&robin, |robin| {
        robin.personal = true;
        robin.organization_type = OrganizationType::Personal;
    })?;
    sandbox.set_time(OffsetDateTime::now_utc());
    Ok(sandbox)
}
