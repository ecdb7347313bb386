package loomgate.server.cli;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import loomgate.server.os.Descriptor;

/// What a process is that we have started ourselves: words behind `run` say so, which the operator never writes. The
/// second of them is the number of a descriptor, over which it learns more.
///
/// @param words what the operator has written behind `run`
record Role(Kind kind, Descriptor channel, List<String> words) {

    private static final int LENGTH = 2; // words

    enum Kind {
        /// A server in the background, with its starter at the other end of the channel.
        DAEMON("as-daemon"),
        /// To say whether it could take the place of the master that started it, by what that one would leave.
        CANDIDATE("as-candidate"),
        /// To take the place of the program that this process was, by what that one has left.
        SUCCESSOR("as-successor");

        private final String word;

        Kind(String word) {
            this.word = word;
        }
    }

    /// The one that the words give.
    ///
    /// @param words what is behind `run`
    static Optional<Role> in(List<String> words) {
        if (words.size() < LENGTH || !words.get(1).matches("[0-9]{1,9}")) {
            return Optional.empty();
        }
        return Stream.of(Kind.values()).filter(kind -> kind.word.equals(words.getFirst())).findFirst()
                .map(kind -> new Role(kind, new Descriptor(Integer.parseInt(words.get(1))),
                        words.subList(LENGTH, words.size())));
    }

    /// What stands behind `run`.
    List<String> allWords() {
        return Stream.concat(Stream.of(kind.word, Integer.toString(channel.number())), words.stream()).toList();
    }
}
