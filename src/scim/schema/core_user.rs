//! The core User schema (RFC 7643 §4.1, §8.7.1).

use super::{Attribute, Schema, USER_URN, characteristics::StringList};
use std::borrow::Cow::Borrowed;

pub(super) const USER: &Schema = &Schema {
    id: Borrowed(USER_URN),
    name: Borrowed("User"),
    description: Borrowed("User Account"),
    attributes: Borrowed(ATTRIBUTES),
};

const ATTRIBUTES: &[Attribute] = &[
    Attribute::string("userName", "The name to sign in with; unique within the tenant, in any letter case.")
        .required()
        .unique_in_tenant(),
    Attribute::complex("name", "The parts of the person's name.", NAME),
    Attribute::string("displayName", "The name to show."),
    Attribute::string("nickName", "How the person likes to be called."),
    Attribute::reference("profileUrl", EXTERNAL, "A page about the person."),
    Attribute::string("title", "The job title."),
    Attribute::string("userType", "The relation to the organization, such as Employee or Contractor."),
    Attribute::string("preferredLanguage", "Preferred languages, as in the HTTP header Accept-Language."),
    Attribute::string("locale", "How to write numbers, dates and currencies, such as en-US."),
    Attribute::string("timezone", "A time zone of the IANA database, such as America/Los_Angeles."),
    Attribute::boolean("active", "Whether the user may use the service.").always_assigned(),
    Attribute::string("password", "A password to set; never returned.").case_exact().secret().unpublished(),
    Attribute::complex("emails", "Mail addresses.", EMAIL).many(),
    Attribute::complex("phoneNumbers", "Telephone numbers.", PHONE_NUMBER).many(),
    Attribute::complex("ims", "Instant messaging addresses.", INSTANT_MESSAGING).many(),
    Attribute::complex("photos", "Pictures of the person.", PHOTO).many(),
    Attribute::complex("addresses", "Postal addresses.", ADDRESS).many(),
    Attribute::complex("groups", "The groups the user is in; changed through the groups.", GROUP).many().read_only(),
    Attribute::complex("entitlements", "Things the user is entitled to.", LABELLED).many(),
    Attribute::complex("roles", "Roles the user has.", LABELLED).many(),
    Attribute::complex("x509Certificates", "Certificates of the user.", CERTIFICATE).many(),
];

const NAME: &[Attribute] = &[
    Attribute::string("formatted", "The full name, ready to show."),
    Attribute::string("familyName", "The family name."),
    Attribute::string("givenName", "The given name."),
    Attribute::string("middleName", "The middle names."),
    Attribute::string("honorificPrefix", "A title before the name, such as Dr."),
    Attribute::string("honorificSuffix", "A suffix after the name, such as III."),
];

const EMAIL: &[Attribute] = &[
    Attribute::string("value", "The mail address."),
    // Microsoft's validator stops when it finds this one (checklist 15).
    DISPLAY.unpublished(),
    TYPE.suggesting(WORK_HOME_OTHER),
    PRIMARY,
];

const PHONE_NUMBER: &[Attribute] = &[
    Attribute::string("value", "The telephone number, as it was sent."),
    DISPLAY,
    TYPE.suggesting(&[
        Borrowed("work"),
        Borrowed("home"),
        Borrowed("mobile"),
        Borrowed("fax"),
        Borrowed("pager"),
        Borrowed("other"),
    ]),
    PRIMARY,
];

const INSTANT_MESSAGING: &[Attribute] = &[
    Attribute::string("value", "The address."),
    DISPLAY,
    TYPE.suggesting(&[
        Borrowed("aim"),
        Borrowed("gtalk"),
        Borrowed("icq"),
        Borrowed("xmpp"),
        Borrowed("msn"),
        Borrowed("skype"),
        Borrowed("qq"),
        Borrowed("yahoo"),
    ]),
    PRIMARY,
];

const PHOTO: &[Attribute] = &[
    Attribute::reference("value", EXTERNAL, "Where the picture is."),
    DISPLAY,
    TYPE.suggesting(&[Borrowed("photo"), Borrowed("thumbnail")]),
    PRIMARY,
];

const ADDRESS: &[Attribute] = &[
    Attribute::string("formatted", "The full address, ready to print."),
    Attribute::string("streetAddress", "Street and number."),
    Attribute::string("locality", "The city."),
    Attribute::string("region", "The state or region."),
    Attribute::string("postalCode", "The postal code."),
    Attribute::string("country", "The country."),
    TYPE.suggesting(WORK_HOME_OTHER),
    PRIMARY,
];

const GROUP: &[Attribute] = &[
    Attribute::string("value", "The id of the group.").read_only(),
    Attribute::reference("$ref", &[Borrowed("Group")], "Where the group is found.").read_only(),
    Attribute::string("display", "The displayName of the group.").read_only(),
    Attribute::string("type", "Whether the group names the user, or a group the user is in.")
        .read_only()
        .suggesting(&[Borrowed("direct"), Borrowed("indirect")]),
];

const LABELLED: &[Attribute] = &[Attribute::string("value", "The value."), DISPLAY, TYPE, PRIMARY];

const CERTIFICATE: &[Attribute] =
    &[Attribute::binary("value", "The DER certificate, in Base64."), DISPLAY, TYPE, PRIMARY];

const DISPLAY: Attribute = Attribute::string("display", "The value as a person should read it.");
const TYPE: Attribute = Attribute::string("type", "What the value is for.");
const PRIMARY: Attribute = Attribute::boolean("primary", "Whether this is the preferred value; true for one at most.");
const WORK_HOME_OTHER: StringList = &[Borrowed("work"), Borrowed("home"), Borrowed("other")];
const EXTERNAL: StringList = &[Borrowed("external")];
