//! The pod through its public doors: real TLS, real clients, free ports. The modules mirror those
//! of the library.

mod administrator;
mod contract;
mod pod;

mod admin_apps;
mod admin_certificates;
mod admin_users;
mod apps;
mod attachments;
mod authentication;
mod catalogue;
mod connections;
mod control;
mod datafeed;
mod every_operation;
mod expect;
mod faults;
mod features;
mod floors;
mod forms;
mod groups;
mod health;
mod journal;
mod jwt;
mod jwt_login;
mod limits;
mod listening;
mod logout;
mod membership;
mod message_search;
mod messages;
mod metrics;
mod people;
mod pods;
mod presence;
mod rooms;
mod scenario;
mod seeds;
mod server;
mod session;
mod streams;
mod tokens;
mod transport;
mod typing;
mod users;
