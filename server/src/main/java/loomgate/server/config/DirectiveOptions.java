package loomgate.server.config;

import static loomgate.server.config.option.Option.option;

import java.util.List;
import loomgate.server.config.ini.Directive;
import loomgate.server.config.option.Chapter;
import loomgate.server.config.option.Option;
import loomgate.server.config.option.Values;

/// The dialect's own keys, described like options. They are obeyed while a file is read and fill no settings.
final class DirectiveOptions {

    static final List<Option<?>> OPTIONS = List.of(
            directive(Directive.INCLUDE, "FILE[:SECTION]", "Reads another file in this place.",
                    """
                    Without a file, as in `ini = :common`, another section of the same file. A relative name is \
                    relative to the file in which it stands.""",
                    "uWSGI resolves relative names in the directory that the server was started in.").declared(),
            directive(Directive.SET, "NAME=VALUE", "The same as a line NAME = VALUE.", "", "").letter('S').declared(),
            directive(Directive.PLACEHOLDER, "NAME=VALUE", "Declares a variable.",
                    """
                    Variables stand for text in other values, `%(NAME)`, and the application can read them. An unknown \
                    key is one as well as soon as something refers to it; this declares one that nothing refers to. It \
                    cannot have the name of an option.""", "").declared());

    private DirectiveOptions() {}

    private static Option.Declaration<String> directive(
            Directive directive, String argument, String summary, String prose, String uwsgi) {
        return option(directive.key(), Values.text(argument))
                .in(Chapter.FILE).alias(directive.otherNames().toArray(String[]::new)).repeatable()
                .summary(summary).prose(prose).uwsgi(uwsgi);
    }
}
