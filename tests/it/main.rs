//! The pod through its public doors: real TLS, real clients, free ports. The modules mirror those
//! of the library.

mod pod;

mod attachments;
mod authentication;
mod catalogue;
mod connections;
mod control;
mod floors;
mod health;
mod logout;
mod messages;
mod presence;
mod scenario;
mod server;
mod session;
mod transport;
mod users;
