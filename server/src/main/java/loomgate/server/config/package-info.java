/// From the words of the command line and the files they name to immutable settings, one record for each consumer.
///
/// [Configuration] is the way in. `config.ini` reads the dialect without knowing an option, `config.option` says what
/// an option is; here are the options themselves, beside the records that they fill.
package loomgate.server.config;
