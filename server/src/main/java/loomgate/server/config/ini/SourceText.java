package loomgate.server.config.ini;

import java.util.Arrays;
import java.util.BitSet;

/// A piece of a line that remembers, through every replacement in it, the column each character came from, so that a
/// problem found late is still shown where it was written.
///
/// Characters that came out of a replacement are *literal*: no later pass takes them for syntax. A password from the
/// environment may contain `%(`.
public final class SourceText {

    private final String source;
    private final int line;
    private final String text;
    private final int[] columns;  // of each character, and one more: of the end
    private final BitSet literal; // characters that are not syntax

    private SourceText(String source, int line, String text, int[] columns, BitSet literal) {
        this.source = source;
        this.line = line;
        this.text = text;
        this.columns = columns;
        this.literal = literal;
    }

    /// A whole line of a file.
    public static SourceText line(String source, int line, String text) {
        int[] columns = new int[text.length() + 1];
        Arrays.setAll(columns, i -> i + 1);
        return new SourceText(source, line, text, columns, new BitSet());
    }

    /// Text from a source without lines.
    public static SourceText word(String source, String text) {
        return new SourceText(source, 0, text, new int[text.length() + 1], new BitSet());
    }

    /// Text from a source without lines in which nothing is to be replaced.
    public static SourceText literal(String source, String text) {
        BitSet all = new BitSet();
        all.set(0, text.length());
        return new SourceText(source, 0, text, new int[text.length() + 1], all);
    }

    public int length() {
        return text.length();
    }

    public boolean isEmpty() {
        return text.isEmpty();
    }

    public char charAt(int index) {
        return text.charAt(index);
    }

    /// Whether this character may be the start of something to be replaced.
    public boolean isSyntax(int index, char expected) {
        return text.charAt(index) == expected && !literal.get(index);
    }

    public int indexOf(char c, int from) {
        return text.indexOf(c, from);
    }

    public Location at(int index) {
        return new Location(source, line, columns[index]);
    }

    public Location start() {
        return at(0);
    }

    public SourceText slice(int from, int to) {
        return new SourceText(source, line, text.substring(from, to), Arrays.copyOfRange(columns, from, to + 1),
                literal.get(from, to));
    }

    /// Without white space at both ends, as far as somebody typed it.
    public SourceText trimmed() {
        int from = 0;
        int to = text.length();
        while (from < to && isBlank(text.charAt(from)) && !literal.get(from)) {
            from++;
        }
        while (to > from && isBlank(text.charAt(to - 1)) && !literal.get(to - 1)) {
            to--;
        }
        return slice(from, to);
    }

    static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r';
    }

    @Override
    public String toString() {
        return text;
    }

    /// Builds the text that a pass makes of `this`.
    Rewriting rewriting() {
        return new Rewriting();
    }

    /// Takes the original from left to right: parts of it are kept, parts replaced.
    final class Rewriting {

        private final StringBuilder to = new StringBuilder();
        private int[] toColumns = new int[text.length() + 1];
        private final BitSet toLiteral = new BitSet();
        private int taken; // characters of the original that have been dealt with

        /// Keeps everything up to the given index.
        void keepUntil(int index) {
            for (; taken < index; taken++) {
                append(text.charAt(taken), columns[taken], literal.get(taken));
            }
        }

        /// Puts literal text in place of everything up to the given index; it all counts as the place where it starts.
        void replaceUntil(int index, String replacement) {
            int column = columns[taken];
            replacement.chars().forEach(c -> append((char) c, column, true));
            taken = index;
        }

        SourceText result() {
            keepUntil(text.length());
            int[] exact = Arrays.copyOf(toColumns, to.length() + 1);
            exact[to.length()] = columns[text.length()];
            return new SourceText(source, line, to.toString(), exact, toLiteral);
        }

        private void append(char c, int column, boolean isLiteral) {
            if (to.length() == toColumns.length) {
                toColumns = Arrays.copyOf(toColumns, 2 * to.length() + 1);
            }
            toColumns[to.length()] = column;
            toLiteral.set(to.length(), isLiteral);
            to.append(c);
        }
    }
}
