//! What callers send.

use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize};

use crate::fields::{Object, given};

/// Writes a request struct, its setters, and how it is read.
///
/// `required` fields go into `new`; `optional` ones have a setter; `nullable` ones also
/// have a method that sends `null`, so that unset, value and null are three things.
macro_rules! params {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            required { $($(#[$required_meta:meta])* $required:ident,)* }
            optional { $($(#[$optional_meta:meta])* $optional:ident,)* }
            nullable { $(
                $(#[$set_meta:meta])* $nullable:ident,
                $(#[$clear_meta:meta])* clear $clear:ident,
            )* }
        }
    ) => {
        $(#[$meta])*
        ///
        /// `Deserialize` reads what `Serialize` writes, and is strict: an unknown or missing
        /// field, a value of the wrong type, `null` for a field that cannot be cleared, and
        /// anything but an object are errors, which name the field.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[must_use]
        pub struct $name {
            $(pub(crate) $required: String,)*
            $(
                #[serde(skip_serializing_if = "Option::is_none")]
                pub(crate) $optional: Option<String>,
            )*
            $(
                #[serde(skip_serializing_if = "Option::is_none")]
                pub(crate) $nullable: Option<Option<String>>,
            )*
        }

        impl $name {
            /// Creates parameters with what is required, and nothing else.
            $(#[doc = concat!("\n\n`", stringify!($required), "`:")] $(#[$required_meta])*)*
            #[allow(clippy::new_without_default)]
            pub fn new($($required: impl Into<String>),*) -> $name {
                $name {
                    $($required: $required.into(),)*
                    $($optional: None,)*
                    $($nullable: None,)*
                }
            }

            $(
                $(#[$optional_meta])*
                pub fn $optional(mut self, $optional: impl Into<String>) -> $name {
                    self.$optional = Some($optional.into());
                    self
                }
            )*

            $(
                $(#[$set_meta])*
                pub fn $nullable(mut self, $nullable: impl Into<String>) -> $name {
                    self.$nullable = Some(Some($nullable.into()));
                    self
                }

                $(#[$clear_meta])*
                pub fn $clear(mut self) -> $name {
                    self.$nullable = Some(None);
                    self
                }
            )*
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Fields {
                    $($required: String,)*
                    $(#[serde(default, deserialize_with = "given")] $optional: Option<String>,)*
                    $(
                        #[serde(default, deserialize_with = "given")]
                        $nullable: Option<Option<String>>,
                    )*
                }
                let fields: Fields = deserializer.deserialize_map(Object(PhantomData))?;
                Ok($name {
                    $($required: fields.$required,)*
                    $($optional: fields.$optional,)*
                    $($nullable: fields.$nullable,)*
                })
            }
        }
    };
}

params! {
    /// The parameters of [`create_organization`](crate::Api::create_organization).
    ///
    /// ```
    /// use nirvana_labs::OrganizationCreateParams;
    ///
    /// let params = OrganizationCreateParams::new("Acme").billing_email("billing@acme.io");
    /// assert_eq!(
    ///     serde_json::to_string(&params)?,
    ///     r#"{"name":"Acme","billing_email":"billing@acme.io"}"#,
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct OrganizationCreateParams {
        required {
            /// the organization's name.
            name,
        }
        optional {
            /// Sets the billing email. Where it is not set, the oldest owner's email is used.
            billing_email,
        }
        nullable {}
    }
}

params! {
    /// The parameters of [`update_organization`](crate::Api::update_organization). What is not set
    /// stays as it is.
    ///
    /// ```
    /// use nirvana_labs::OrganizationUpdateParams;
    ///
    /// let params = OrganizationUpdateParams::new().name("New").clear_billing_email();
    /// assert_eq!(serde_json::to_string(&params)?, r#"{"name":"New","billing_email":null}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct OrganizationUpdateParams {
        required {}
        optional {
            /// Sets the name of the organization.
            name,
        }
        nullable {
            /// Sets the billing email.
            billing_email,
            /// Clears the billing email: the oldest owner's email is used again.
            clear clear_billing_email,
        }
    }
}

params! {
    /// The parameters of
    /// [`create_organization_address`](crate::Api::create_organization_address).
    ///
    /// ```
    /// use nirvana_labs::AddressCreateParams;
    ///
    /// let params = AddressCreateParams::new("123 Main St", "San Francisco", "94105", "US")
    ///     .state("CA");
    /// assert_eq!(
    ///     serde_json::to_value(&params)?,
    ///     serde_json::json!({
    ///         "city": "San Francisco", "country": "US", "line1": "123 Main St",
    ///         "postal_code": "94105", "state": "CA",
    ///     }),
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct AddressCreateParams {
        required {
            /// first line of the street address.
            line1,
            /// city or locality.
            city,
            /// postal or ZIP code.
            postal_code,
            /// two-letter ISO 3166-1 alpha-2 country code.
            country,
        }
        optional {
            /// Sets the second line: suite, unit or building.
            line2,
            /// Sets the state, province or region. Some tax jurisdictions require it (US and CA,
            /// for example).
            state,
            /// Sets the tax identification number: VAT, EIN, ABN and the like.
            tax_id,
            /// Sets the type of the tax identification number: `eu_vat`, `us_ein`, `gb_vat`,
            /// `au_abn` and the like.
            tax_id_type,
        }
        nullable {}
    }
}

params! {
    /// The parameters of
    /// [`update_organization_address`](crate::Api::update_organization_address). What is not set
    /// stays as it is.
    ///
    /// ```
    /// use nirvana_labs::AddressUpdateParams;
    ///
    /// let params = AddressUpdateParams::new().line2("Suite 4").clear_state();
    /// assert_eq!(serde_json::to_string(&params)?, r#"{"line2":"Suite 4","state":null}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct AddressUpdateParams {
        required {}
        optional {
            /// Sets the first line of the street address.
            line1,
            /// Sets the city or locality.
            city,
            /// Sets the postal or ZIP code.
            postal_code,
            /// Sets the country: a two-letter ISO 3166-1 alpha-2 code.
            country,
        }
        nullable {
            /// Sets the second line: suite, unit or building.
            line2,
            /// Clears the second line.
            clear clear_line2,
            /// Sets the state, province or region.
            state,
            /// Clears the state.
            clear clear_state,
            /// Sets the tax identification number.
            tax_id,
            /// Clears the tax identification number.
            clear clear_tax_id,
            /// Sets the type of the tax identification number.
            tax_id_type,
            /// Clears the type of the tax identification number.
            clear clear_tax_id_type,
        }
    }
}

/// Which part of a list to fetch, and in pages of what size. It can be saved, by serde, and read
/// again.
///
/// ```
/// use nirvana_labs::{ListParams, Sandbox};
///
/// let sandbox = Sandbox::new();
/// (0..5).for_each(|n| drop(sandbox.add_organization(format!("Acme {n}"))));
/// let api = sandbox.api();
///
/// let mut items = api.list_organizations(&ListParams::new().limit(2));
/// assert_eq!(items.by_ref().take(2).count(), 2);
/// let saved = serde_json::to_string(&items.resume())?;
///
/// // Another day, from where that stopped.
/// if let Some(params) = serde_json::from_str::<Option<ListParams>>(&saved)? {
///     assert_eq!(api.list_organizations(&params).count(), 3);
/// }
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// `Deserialize` is as strict as for the other parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[must_use]
pub struct ListParams {
    /// How many items a page has at most; `None` for the server's own page size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where to start; `None` for the start of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl<'de> Deserialize<'de> for ListParams {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            #[serde(default, deserialize_with = "given")]
            limit: Option<u32>,
            #[serde(default, deserialize_with = "given")]
            cursor: Option<String>,
        }
        let Fields { limit, cursor } = deserializer.deserialize_map(Object(PhantomData))?;
        Ok(ListParams { limit, cursor })
    }
}

impl ListParams {
    /// Creates parameters for the whole list, in pages of the server's own size.
    pub fn new() -> ListParams {
        ListParams::default()
    }

    /// Sets how many items a page has at most; the list still has them all. The server may lower
    /// it, or refuse one that it finds too large: the API schema names no bound, and the sandbox
    /// takes up to 100. 0 is refused before anything is sent.
    pub fn limit(mut self, limit: u32) -> ListParams {
        self.limit = Some(limit);
        self
    }

    /// Sets where to begin: a cursor of a [`Pagination`](crate::Pagination), which is opaque, and
    /// goes back to the server byte for byte. To go on with a list, see
    /// [`Items::resume`](crate::Items::resume).
    pub fn cursor(mut self, cursor: impl Into<String>) -> ListParams {
        self.cursor = Some(cursor.into());
        self
    }
}
