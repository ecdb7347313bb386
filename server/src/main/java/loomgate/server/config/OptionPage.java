package loomgate.server.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import loomgate.server.config.option.Chapter;
import loomgate.server.config.option.Option;

/// The reference page, `docs/configuration.md`, made from the option table.
public final class OptionPage {

    private static final String INTRODUCTION = """
    # Configuration

    <!-- Made from the option table; a test compares them. To write it anew:
         mvn -pl app-api,server -am test -Dtest=OptionPageTest -Dsurefire.failIfNoSpecifiedTests=false \
    -Dloomgate.regenerate=true -->

    One INI file, written as for uWSGI. An option that has uWSGI's name has uWSGI's meaning and unit; where it
    differs, its entry below says so.

    ```ini
    [uwsgi]
    project = shop                        # a variable: a key that others refer to
    base    = /srv/%(project)

    module  = com.example.shop.Shop
    home    = %(base)/env                 # lib/*.jar and classes
    socket  = /run/%(project)/app.sock    # nginx: uwsgi_pass unix:/run/shop/app.sock;
    chmod-socket = 660
    processes = 2
    ```

    ## The file

    - UTF-8. Options stand below `[uwsgi]` or `[loomgate]`; if both are there, both count. `app.ini:production` reads
      the section `[production]` instead. Other sections are not read.
    - A line is `key = value`. The first `=` counts, so a value may contain more of them. White space around key and
      value does not count; quotes do. There are no continuation lines.
    - **A comment** starts with `#` or `;` at the start of a line, or after white space: `threads = 64  # enough`. So
      a value cannot contain white space followed by `#` or `;`, but `#fff` and `a;b` are values.
    - A key without `=` is a yes for options that are true or false, and an error for others.
    - An option that is given again replaces what was said before; options that can be **repeated** add to it.
    - Numbers are decimal digits without a unit. Yes is `true`, `yes`, `on` or `1`; no is `false`, `no`, `off` or
      `0`, in capitals or not.

    Before the server starts, everything is checked and all that is wrong is reported together, as
    `file:line:column: message`. It does not start with a configuration that it does not fully understand.

    ## Placeholders

    | written | stands for |
    |---|---|
    | `%(key)` | the value of a key, of an option or of your own, wherever in the files it is. \
    If the key is given several times, the first counts, but the command line before all |
    | `$(NAME)` | a variable of the environment in which the server is started |
    | `@(file)` | the content of a file, without its last line end; a relative name is relative to the INI |
    | `%n` `%s` `%e` | the INI's name: without its suffix, whole, the suffix alone |
    | `%p` `%d` `%c` | the INI's path; its directory, with a `/` at the end; the name of that directory |
    | `%0` … `%9` | the names on the way to that directory, from the top |
    | `%o` `%x` | the INI as it was asked for, and its section if one was |
    | `%v` | the directory in which the server is started |
    | `%h` `%k` | the name of the host; the number of processors |
    | `%u` `%U` `%g` `%G` | number and name of the user and of the group that the server is started as |
    | `%N` `%S` `%E` `%P` `%D` `%C` `%O` `%X` | in an included file: as in lower case, but of the file \
    that the command line named |
    | `%%` | a percent sign. `%%(key)` is left as `%(key)` |

    Whatever stands for nothing is an error. What comes out of a placeholder is not searched for further ones. There
    is no arithmetic, and there are no conditions and loops: write a section for each case. In the value of `ini`,
    `%(key)` is not known yet.

    A key that is no option is **a variable if something refers to it**, and a mistake otherwise. The application can
    read the variables.

    ## The command line

    `app.ini --processes 3 --env=STAGE=test -M`

    Options are written `--key value`, `--key=value`, or by their letter. What the command line says replaces what
    the files say, wherever it stands: of an option that can be repeated, all of the files' values. Options that can
    stand alone, such as `--master`, take a value only with `=`. `--ini app.ini` is the same as `app.ini`. Magic
    variables are for files; on the command line `%n` is just that.

    ## Coming from uWSGI

    - Trailing comments are comments. Junk behind a number, a word that is neither yes nor no, and an unknown key are
      errors.
    - Options of uWSGI's that a JVM has no use for (`enable-threads`, `lazy-apps`, `plugins` …) are accepted, with a
      line that says why. Those that do something this server does not do are refused, with advice.
    - A file named in an INI (`ini`, `@(…)`) is relative to that INI. `chdir`, `logto`, `pidfile` and `daemonize`
      are relative to the directory in which the server is started, sockets and `home` to `chdir`, as in uWSGI.
    - The command line wins with `app.ini -p 3`, too. Variables of the environment such as `UWSGI_PROCESSES` are not
      read.
    - In `socket==:8000` the second `=` is taken for a mistake, and there is a warning.
    """;

    private OptionPage() {}

    /// The page, in Markdown.
    public static String markdown() {
        StringBuilder page = new StringBuilder(INTRODUCTION);
        for (Chapter chapter : Chapter.values()) {
            page.append("\n## ").append(chapter.title()).append("\n\n");
            page.append("| option | default | |\n|---|---|---|\n");
            OptionTable.in(chapter).forEach(option -> page.append(row(option)));
            OptionTable.in(chapter).forEach(option -> page.append('\n').append(entry(option)));
        }
        return page.toString();
    }

    /// The default as one would write it, if there is one.
    static <T> Optional<String> standardText(Option<T> option) {
        return option.standard().map(option.kind().writing());
    }

    private static String row(Option<?> option) {
        String standard = standardText(option).map(OptionPage::code).orElse("");
        return "| [" + code(option.name()) + "](#" + option.name() + ") | " + standard + " | " + option.summary()
                + " |\n";
    }

    private static String entry(Option<?> option) {
        StringBuilder entry = new StringBuilder("### " + option.name() + "\n\n");
        entry.append(code(option.name() + " = " + option.kind().argument())).append(facts(option)).append("\n\n");
        entry.append(option.summary()).append('\n');
        if (!option.prose().isEmpty()) {
            entry.append('\n').append(option.prose()).append('\n');
        }
        if (!option.uwsgi().isEmpty()) {
            entry.append("\n*uWSGI:* ").append(option.uwsgi()).append('\n');
        }
        return entry.toString();
    }

    private static String facts(Option<?> option) {
        List<String> facts = new ArrayList<>();
        if (!option.kind().unit().isEmpty()) {
            facts.add(option.kind().unit());
        }
        if (!option.kind().range().isEmpty()) {
            facts.add(option.kind().range());
        }
        standardText(option).ifPresent(text -> facts.add("default " + code(text)));
        if (option.isRepeatable()) {
            facts.add("can be repeated");
        }
        List<String> others = new ArrayList<>(option.aliases());
        option.letter().ifPresent(letter -> others.add("-" + letter));
        if (!others.isEmpty()) {
            facts.add("also " + others.stream().map(OptionPage::code).collect(Collectors.joining(", ")));
        }
        return facts.isEmpty() ? "" : " — " + String.join("; ", facts);
    }

    private static String code(String text) {
        return "`" + text + "`";
    }
}
