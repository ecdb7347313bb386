/// What an option is, whichever options there are: its declaration, the kinds of values, and reading a value out of the
/// expanded entries.
package loomgate.server.config.option;
