package loomgate.server.config.ini;

/// An entry with its value fully expanded.
///
/// @param entry  as written
/// @param order  counts all entries, the first is 0
/// @param text   what became of its value
/// @param broken whether something in it could not be replaced. That has been reported: the text is not worth a look
public record Value(Entry entry, int order, String text, boolean broken) {}
