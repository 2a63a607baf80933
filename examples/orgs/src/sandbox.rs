//! The in-memory mock of the API behind `--sandbox` and `serve`, with the data that `sandbox.txt`
//! lists.

use nirvana_labs::time::{Duration, OffsetDateTime};
use nirvana_labs::{AddressCreateParams, MembershipRole, OrganizationType, Result, Sandbox};

/// 2026-06-01, so that every run shows the same.
const EPOCH: i64 = 1_780_272_000;

/// Creates the sandbox. The first of `keys` is the key of the first user, and so on. Without
/// keys, every caller is the first user.
pub(crate) fn seeded(keys: &[String]) -> Result<Sandbox> {
    let sandbox = match keys.first() {
        Some(key) => Sandbox::with_api_key(key),
        None => Sandbox::new(),
    };
    sandbox.set_time(OffsetDateTime::UNIX_EPOCH + Duration::seconds(EPOCH))?;
    // Users without a key get one that no header can hold.
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
    let address = AddressCreateParams::new("123 Main St", "San Francisco", "94105", "US")
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
    sandbox.set_time(OffsetDateTime::now_utc())?;
    Ok(sandbox)
}
