//! A local Symphony pod for integration tests.
