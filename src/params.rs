//! The parameters of each endpoint, which callers send.

use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize};

use crate::fields::{Object, given};

/// Generates a strict `Deserialize` for a struct with these fields.
macro_rules! strict {
    ($name:ident { $($(#[$meta:meta])* $field:ident: $type:ty,)* }) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Fields {
                    $($(#[$meta])* $field: $type,)*
                }
                let fields: Fields = deserializer.deserialize_map(Object(PhantomData))?;
                Ok($name { $($field: fields.$field,)* })
            }
        }
    };
}

/// Generates the parameters of an endpoint, with their setters.
///
/// `new` takes the `required` fields. An `optional` field has a setter. A `nullable` field also has
/// a method that sends `null`, so "unset", "a value" and "null" are three different states.
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
        /// `Deserialize` is strict. These are errors, which name the field: an unknown or missing
        /// field, a value of the wrong type, and `null` for a field that cannot be cleared.
        /// Anything except an object is an error too.
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
            /// Creates parameters with only the required fields.
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

        strict! {
            $name {
                $($required: String,)*
                $(#[serde(default, deserialize_with = "given")] $optional: Option<String>,)*
                $(#[serde(default, deserialize_with = "given")] $nullable: Option<Option<String>>,)*
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
            /// Sets the billing email. If it is not set, the oldest owner's email is used.
            billing_email,
        }
        nullable {}
    }
}

params! {
    /// The parameters of [`update_organization`](crate::Api::update_organization). A field that is not
    /// set stays as it is.
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
            /// Clears the billing email. The oldest owner's email is used again.
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
            /// Sets the state, province or region. Some tax jurisdictions require it, for example
            /// the US and Canada.
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
    /// [`update_organization_address`](crate::Api::update_organization_address). A field that is not set
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

/// The page size of a list, and the place where the list starts.
///
/// It can be saved with serde, to continue a list in another process:
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
/// // In another process:
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
    /// The most items that a page may have; `None` for the server's own page size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The cursor of the first page to fetch; `None` for the start of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

strict! {
    ListParams {
        #[serde(default, deserialize_with = "given")]
        limit: Option<u32>,
        #[serde(default, deserialize_with = "given")]
        cursor: Option<String>,
    }
}

impl ListParams {
    /// Creates parameters for the whole list, with the server's own page size.
    pub fn new() -> ListParams {
        ListParams::default()
    }

    /// Sets the page size. The list still yields all its items.
    ///
    /// The API schema names no maximum: a server may lower a large limit, or refuse it. The sandbox
    /// accepts 1 to 100. A limit of 0 is an error, and nothing is sent.
    pub fn limit(mut self, limit: u32) -> ListParams {
        self.limit = Some(limit);
        self
    }

    /// Sets where the list starts: at a cursor from a [`Pagination`](crate::Pagination). The cursor
    /// is opaque, and is sent to the server unchanged. To continue a list, see
    /// [`Items::resume`](crate::Items::resume).
    pub fn cursor(mut self, cursor: impl Into<String>) -> ListParams {
        self.cursor = Some(cursor.into());
        self
    }
}
