//! Which data a build gets.

use std::collections::HashMap;
use std::ffi::OsString;
use std::time::{Duration, Instant};

use nirvana_labs::{Api, HttpResponse, Sandbox};

use crate::bake::organization::Organization;
use crate::bake::{Baked, Settings, bake};

const KEY: &str = "nl_sentinel_5ecret";
const COMMITTED: &str = r#"{"id": "org_old", "name": "As committed", "verified_domains": []}"#;
const ENOUGH: Duration = Duration::from_secs(30);
/// Too short for a second attempt: the first wait is 375 ms at least.
const ONE_ATTEMPT: Duration = Duration::from_millis(300);

fn settings(variables: &[(&str, &str)], time_limit: Duration) -> Result<Settings, String> {
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    Settings::read(|name| variables.get(name).map(OsString::from), time_limit)
}

fn asking_for(id: &str, time_limit: Duration) -> Settings {
    let variables = [("NIRVANA_LABS_API_KEY", KEY), ("NIRVANA_LABS_ORGANIZATION_ID", id)];
    settings(&variables, time_limit).unwrap()
}

fn run(sandbox: &Sandbox, settings: &Settings, previous: Option<&str>) -> Result<Baked, String> {
    bake(settings, Api::builder().transport(sandbox.clone()), COMMITTED, previous)
}

/// A service with one organization, and its id.
fn service(name: &str) -> (Sandbox, String) {
    let sandbox = Sandbox::with_api_key(KEY);
    let id = sandbox.add_organization(name).id;
    (sandbox, id)
}

fn is_committed(baked: &Baked) -> bool {
    baked.organization.to_value() == serde_json::from_str::<serde_json::Value>(COMMITTED).unwrap()
        && baked.fetched.is_none()
}

#[test]
fn what_the_service_says_is_baked_and_only_what_is_public() {
    let (sandbox, id) = service("Acme");
    for (domain, verified) in
        [("z.example", true), ("unproven.example", false), ("a.example", true)]
    {
        sandbox.add_domain(&id, domain, verified).unwrap();
    }
    sandbox
        .edit_organization(&id, |organization| {
            organization.billing_email = Some("billing@private.example".to_owned());
            organization.stripe_customer_id = Some("cus_private".to_owned());
            organization.metronome_customer_id = Some("metro_private".to_owned());
            organization.auth_id = Some("auth_private".to_owned());
        })
        .unwrap();

    let baked = run(&sandbox, &asking_for(&id, ENOUGH), None).unwrap();
    assert_eq!(baked.organization.name, "Acme");
    assert_eq!(baked.organization.verified_domains, ["a.example", "z.example"]);
    assert!(baked.warnings.is_empty());
    let fetched = baked.fetched.unwrap();
    assert!(fetched.is_news);
    for output in [baked.organization.to_rust(), baked.organization.to_json(), fetched.record] {
        assert!(output.contains(&id), "{output}");
        for private in ["private", "unproven", KEY] {
            assert!(!output.contains(private), "{output}");
        }
    }
    assert_eq!(sandbox.requests().len(), 1);
}

#[test]
fn a_committed_copy_that_says_the_same_is_not_news() {
    let (sandbox, id) = service("Acme");
    let settings = asking_for(&id, ENOUGH);
    let copy = run(&sandbox, &settings, None).unwrap().organization.to_json();
    let builder = Api::builder().transport(sandbox);
    assert!(!bake(&settings, builder, &copy, None).unwrap().fetched.unwrap().is_news);
}

#[test]
fn trouble_never_fails_a_build() {
    type Fault = fn(&Sandbox);
    let faults: [(&str, Fault); 7] = [
        ("401", |sandbox| sandbox.fail_next(401)),
        ("404", |sandbox| sandbox.fail_next(404)),
        ("429", |sandbox| sandbox.fail_next(429)),
        ("503", |sandbox| sandbox.fail_next(503)),
        ("", Sandbox::drop_next),
        ("", Sandbox::refuse_next),
        ("unusable body", |sandbox| {
            sandbox.respond_next(HttpResponse::new(200).with_body("<html>Sign in to this network"));
        }),
    ];
    for (sign, fault) in faults {
        let (sandbox, id) = service("Acme");
        fault(&sandbox);
        let baked = run(&sandbox, &asking_for(&id, ONE_ATTEMPT), None).unwrap();
        assert!(is_committed(&baked), "{sign}");
        let [warning] = &baked.warnings[..] else { panic!("{:?}", baked.warnings) };
        assert!(warning.starts_with("baked the last good copy of org_old: "), "{warning}");
        assert!(warning.contains(sign), "{warning}");
        assert!(warning.contains("ANOTHER organization"), "{warning}");
    }
}

#[test]
fn one_failure_is_retried_within_the_time_limit() {
    let (sandbox, id) = service("Acme");
    sandbox.fail_next(503);
    let baked = run(&sandbox, &asking_for(&id, ENOUGH), None).unwrap();
    assert_eq!(baked.organization.name, "Acme");
    assert_eq!(sandbox.requests().len(), 2);
}

#[test]
fn a_service_that_is_too_slow_is_not_waited_for() {
    let (sandbox, id) = service("Acme");
    sandbox.delay_next(Duration::from_secs(600));
    let started = Instant::now();
    let baked = run(&sandbox, &asking_for(&id, ONE_ATTEMPT), None).unwrap();
    assert!(started.elapsed() < Duration::from_secs(20));
    assert!(is_committed(&baked));
}

#[test]
fn the_network_is_left_alone_unless_asked_for() {
    let (sandbox, id) = service("Acme");
    let (key, id) = (("NIRVANA_LABS_API_KEY", KEY), ("NIRVANA_LABS_ORGANIZATION_ID", &*id));
    for (variables, warnings) in [
        (vec![], 0),
        (vec![key], 0),
        (vec![key, ("NIRVANA_LABS_ORGANIZATION_ID", "")], 0),
        (vec![key, id, ("DOCS_RS", "1")], 0),
        (vec![id], 1),
        (vec![id, ("NIRVANA_LABS_API_KEY", "")], 1),
    ] {
        let baked = run(&sandbox, &settings(&variables, ENOUGH).unwrap(), None).unwrap();
        assert!(is_committed(&baked), "{variables:?}");
        assert_eq!(baked.warnings.len(), warnings, "{variables:?}");
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn the_last_fetch_stands_in_before_the_committed_copy() {
    let (sandbox, id) = service("Acme");
    let settings = asking_for(&id, ONE_ATTEMPT);
    let record = run(&sandbox, &settings, None).unwrap().fetched.unwrap().record;

    sandbox.refuse_next();
    let baked = run(&sandbox, &settings, Some(&record)).unwrap();
    assert_eq!(baked.organization.name, "Acme");
    assert_eq!(baked.warnings.len(), 1);
    assert!(!baked.warnings[0].contains("ANOTHER"), "{}", baked.warnings[0]);
}

#[test]
fn the_last_fetch_counts_only_for_what_it_was() {
    let (sandbox, id) = service("Acme");
    let settings = asking_for(&id, ONE_ATTEMPT);
    let record = run(&sandbox, &settings, None).unwrap().fetched.unwrap().record;

    // Another organization, another server, another committed copy, a file cut short.
    let elsewhere = [
        ("NIRVANA_LABS_API_KEY", KEY),
        ("NIRVANA_LABS_ORGANIZATION_ID", &id),
        ("NIRVANA_LABS_BASE_URL", "https://staging.example"),
    ];
    let elsewhere = self::settings(&elsewhere, ONE_ATTEMPT).unwrap();
    let recommitted = record.replace("As committed", "As committed before");
    assert_ne!(record, recommitted);
    let other = asking_for("org_other", ONE_ATTEMPT);
    for (settings, record) in [
        (&other, &*record),
        (&elsewhere, &record),
        (&settings, &recommitted),
        (&settings, &record[..record.len() / 2]),
        (&settings, "{}"),
    ] {
        sandbox.refuse_next();
        assert!(is_committed(&run(&sandbox, settings, Some(record)).unwrap()), "{record}");
    }
}

#[test]
fn an_answer_that_cannot_be_trusted_is_not_baked() {
    let (sandbox, id) = service("Acme");
    let other = sandbox.add_organization("Other");
    sandbox.respond_next(HttpResponse::new(200).with_body(serde_json::to_vec(&other).unwrap()));
    let baked = run(&sandbox, &asking_for(&id, ENOUGH), None).unwrap();
    assert!(is_committed(&baked));
    assert!(baked.warnings[0].contains(&other.id), "{}", baked.warnings[0]);

    sandbox.edit_organization(&id, |it| it.name = format!("of {KEY}!")).unwrap();
    let baked = run(&sandbox, &asking_for(&id, ENOUGH), None).unwrap();
    assert!(is_committed(&baked));
    assert!(!format!("{baked:?}").contains(KEY));
    assert!(baked.warnings[0].contains("sent the API key back"), "{}", baked.warnings[0]);
}

#[test]
fn a_wrong_configuration_fails_before_anything_is_sent() {
    let (sandbox, id) = service("Acme");
    let (good_key, id) = (("NIRVANA_LABS_API_KEY", KEY), ("NIRVANA_LABS_ORGANIZATION_ID", &*id));
    let spaced = format!("{KEY}\n");
    for (variables, why) in [
        (vec![id, ("NIRVANA_LABS_API_KEY", &*spaced)], "the API key"),
        (vec![id, good_key, ("NIRVANA_LABS_BASE_URL", "api.nirvanalabs.io")], "the base URL"),
        (vec![id, good_key, ("NIRVANA_LABS_BASE_URL", "http://example.com")], "plain http"),
        (vec![good_key, ("NIRVANA_LABS_ORGANIZATION_ID", "..")], ".."),
    ] {
        let error = run(&sandbox, &settings(&variables, ENOUGH).unwrap(), None).unwrap_err();
        assert!(error.contains(why), "{error}");
        assert!(!error.contains(KEY), "{error}");
    }
    assert!(sandbox.requests().is_empty());
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_unicode_is_named_and_not_shown() {
    use std::os::unix::ffi::OsStringExt;
    let variable = |_: &str| Some(OsString::from_vec(b"nl_\xff_secret".to_vec()));
    let error = Settings::read(variable, ENOUGH).err().unwrap();
    assert_eq!(error, "NIRVANA_LABS_API_KEY is not Unicode");
}

#[test]
fn a_committed_copy_that_could_not_stand_in_fails_on_good_days_too() {
    let (sandbox, id) = service("Acme");
    for (copy, why) in [
        ("", "organization.json is not JSON"),
        ("[]", "not a JSON object"),
        (r#"{"id": "org_1", "verified_domains": []}"#, "has no name"),
        (r#"{"id": "", "name": "A", "verified_domains": []}"#, "has no id"),
        (r#"{"id": "org_1", "name": "A"}"#, "verified_domains"),
        (r#"{"id": "org_1", "name": "A", "verified_domains": [1]}"#, "not a string"),
        (
            r#"{"id": "org_1", "name": "A", "verified_domains": [], "billing_email": "b@a.io"}"#,
            "holds \"billing_email\"",
        ),
    ] {
        let builder = Api::builder().transport(sandbox.clone());
        let error = bake(&asking_for(&id, ENOUGH), builder, copy, None).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn a_copy_reads_back_as_it_was_written() {
    let copy = serde_json::json!({
        "id": "org_1", "name": "\"A\"\n\u{202e}", "verified_domains": ["b.example", "a.example"],
    });
    let organization = Organization::from_json(&copy).unwrap();
    assert_eq!(organization.verified_domains, ["a.example", "b.example"]);
    let again = serde_json::from_str(&organization.to_json()).unwrap();
    assert_eq!(Organization::from_json(&again).unwrap(), organization);
}
