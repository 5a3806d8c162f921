//! Rollcall: a SCIM 2.0 endpoint for identity providers and an admin portal for people, over one directory kept in
//! one store. The modules stand in reading order.
