package loomgate.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import loomgate.server.config.option.Directories;
import loomgate.server.config.option.InvalidValue;
import loomgate.server.config.option.Option;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OptionTableTest {

    private static final Directories DIRECTORIES = new Directories(Path.of("/start"), Path.of("/work"));

    static List<Option<?>> options() {
        return OptionTable.ALL;
    }

    @ParameterizedTest
    @MethodSource("options")
    <T> void defaultIsAValueThatCouldHaveBeenWritten(Option<T> option) throws InvalidValue {
        if (option.standard().isPresent()) {
            T standard = option.standard().get();
            String written = option.kind().writing().apply(standard);
            assertEquals(standard, option.kind().reading().read(written, DIRECTORIES), option.name());
        }
    }

    @ParameterizedTest
    @MethodSource("options")
    void meaningOfTheNameAloneIsAValue(Option<?> option) throws InvalidValue {
        Optional<String> bare = option.kind().bare();
        if (bare.isPresent()) {
            option.kind().reading().read(bare.get(), DIRECTORIES);
        }
    }

    @ParameterizedTest
    @MethodSource("options")
    void optionIsDescribed(Option<?> option) {
        assertTrue(option.name().matches("[a-z]+(-[a-z]+)*"), option.name());
        assertTrue(option.summary().matches("[A-Z][^\\n]{10,100}\\."), option.name() + ": " + option.summary());
        Stream.of(option.prose(), option.uwsgi()).filter(text -> !text.isEmpty()).forEach(text ->
                assertTrue(text.matches("(?s)\\S.*\\."), option.name() + ": " + text));
    }

    @Test
    void everyNameAndLetterBelongsToOneOption() {
        Set<Object> seen = new HashSet<>();
        for (Option<?> option : OptionTable.ALL) {
            Stream.concat(option.names().stream(), option.formerNames().stream())
                    .forEach(name -> assertTrue(seen.add(name), name));
            option.letter().ifPresent(letter -> assertTrue(seen.add(letter), option.name()));
        }
    }

    @Test
    void ofUwsgisOptionsNoneIsOurs() {
        for (String name : UwsgiOptions.names()) {
            assertEquals(Optional.empty(), OptionTable.find(name), name);
        }
    }

    @Test
    void unknownNameIsAnsweredWithTheNearest() {
        assertTrue(OptionTable.unknown("chmodsocket").endsWith("did you mean chmod-socket?"));
        assertTrue(OptionTable.unknown("post_buffring").endsWith("did you mean post-buffering?"));
        assertTrue(OptionTable.unknown("nothing-like-it").endsWith("%(nothing-like-it)"));
    }
}
