//! A local Symphony pod for integration tests.

pub mod messageml;
