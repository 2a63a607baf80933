//! The public data of an organization: taken from the service, kept as JSON, written as Rust.

use serde_json::{Value, json};

/// What is baked in, and all that ever leaves the build script. Billing email, customer ids
/// and tax ids have no field here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    pub id: String,
    pub name: String,
    /// Sorted, each once: the service's order must not change the output.
    pub verified_domains: Vec<String>,
}

impl Organization {
    fn new(id: &str, name: &str, verified_domains: Vec<String>) -> Organization {
        let mut organization =
            Organization { id: id.to_owned(), name: name.to_owned(), verified_domains };
        organization.verified_domains.sort_unstable();
        organization.verified_domains.dedup();
        organization
    }

    /// The public part of what the service says.
    pub fn public(all: &nirvana_labs::Organization) -> Organization {
        let verified = all.domains.iter().filter(|domain| domain.verified);
        let domains = verified.map(|domain| domain.domain.clone()).collect();
        Organization::new(&all.id, &all.name, domains)
    }

    /// Reads a copy, or says what is wrong with it. A field that does not belong is refused:
    /// a whole answer of the service, billing email and all, is not to be committed.
    pub fn from_json(copy: &Value) -> Result<Organization, String> {
        let fields = copy.as_object().ok_or("is not a JSON object")?;
        const NAMES: [&str; 3] = ["id", "name", "verified_domains"];
        if let Some(name) = fields.keys().find(|name| !NAMES.contains(&name.as_str())) {
            return Err(format!("holds {name:?}; it may only hold {}", NAMES.join(", ")));
        }
        let text = |name: &str| {
            let text = fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            text.ok_or_else(|| format!("has no {name}"))
        };
        let domains = fields.get("verified_domains").and_then(Value::as_array);
        let domains = domains.ok_or("has no list verified_domains")?.iter();
        let domains: Option<_> = domains.map(|domain| Some(domain.as_str()?.to_owned())).collect();
        let domains = domains.ok_or("has a domain that is not a string")?;
        Ok(Organization::new(text("id")?, text("name")?, domains))
    }

    pub fn to_value(&self) -> Value {
        let Organization { id, name, verified_domains } = self;
        json!({ "id": id, "name": name, "verified_domains": verified_domains })
    }

    /// The copy to commit.
    pub fn to_json(&self) -> String {
        format!("{:#}\n", self.to_value())
    }

    /// The constant. `{:?}` writes a string as Rust reads it, whatever is in the string:
    /// quotes, line ends and invisible characters come out as escapes.
    pub fn to_rust(&self) -> String {
        let Organization { id, name, verified_domains } = self;
        format!(
            "/// The organization that this was built for.\n\
             pub const ORGANIZATION: Organization = Organization {{\n    \
                 id: {id:?},\n    \
                 name: {name:?},\n    \
                 verified_domains: &{verified_domains:?},\n\
             }};\n"
        )
    }

    /// Whether `text` is anywhere in it.
    pub fn mentions(&self, text: &str) -> bool {
        [&self.id, &self.name].into_iter().chain(&self.verified_domains).any(|s| s.contains(text))
    }
}
