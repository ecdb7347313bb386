/// From text to located entries: the dialect of the file, whatever the keys mean. Lines and comments, sections,
/// includes, magic variables, placeholders. Knows no option.
package loomgate.server.config.ini;
