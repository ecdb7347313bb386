package loomgate.server.log;

/// A line that is already text: a character for each byte (ISO-8859-1), without its newline.
record TextLine(String text) implements LogLine {

    @Override
    public void appendTo(StringBuilder line, long pid) {
        line.append(text).append('\n');
    }
}
