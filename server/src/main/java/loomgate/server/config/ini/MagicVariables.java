package loomgate.server.config.ini;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// The `%x` of one file: a percent sign and one character, replaced before anything else is looked at.
final class MagicVariables {

    private final Map<Character, String> values = new HashMap<>();

    private MagicVariables() {}

    /// @param file      the file's real path
    /// @param reference how it was asked for
    static MagicVariables of(Path file, FileReference reference, Path cwd, Machine machine) {
        MagicVariables magic = new MagicVariables();
        magic.describe(file, reference);
        magic.describe(cwd, machine);
        return magic.within(magic);
    }

    /// Makes the names in upper case stand for the file that the command line named.
    MagicVariables within(MagicVariables outermost) {
        for (char name : "NSEPDCOX".toCharArray()) {
            values.put(name, outermost.values.get(Character.toLowerCase(name)));
        }
        return this;
    }

    private void describe(Path file, FileReference reference) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        Path directory = file.getParent();
        values.put('s', name);
        values.put('n', dot > 0 ? name.substring(0, dot) : name);
        values.put('e', dot > 0 ? name.substring(dot + 1) : "");
        values.put('p', file.toString());
        values.put('d', directory.getNameCount() == 0 ? "/" : directory + "/");
        values.put('c', directory.getNameCount() == 0 ? "" : directory.getFileName().toString());
        values.put('o', reference.file());
        values.put('x', reference.section().orElse(""));
        for (int i = 0; i <= 9; i++) {
            values.put((char) ('0' + i), i < directory.getNameCount() ? directory.getName(i).toString() : "");
        }
    }

    private void describe(Path cwd, Machine machine) {
        values.put('v', cwd.toString());
        values.put('h', machine.host());
        values.put('k', Integer.toString(machine.processors()));
        values.put('u', machine.uid());
        values.put('U', machine.user());
        values.put('g', machine.gid());
        values.put('G', machine.group());
    }

    /// The text with every `%x` replaced and every `%%` made a literal percent sign. `%(` is left for a later pass, and
    /// a percent sign at the very end is just that.
    SourceText replaceIn(SourceText text, Problems problems) {
        SourceText.Rewriting rewriting = text.rewriting();
        for (int i = text.indexOf('%', 0); i >= 0 && i + 1 < text.length(); i = text.indexOf('%', i)) {
            char name = text.charAt(i + 1);
            if (name != '(') {
                rewriting.keepUntil(i);
                rewriting.replaceUntil(i + 2, name == '%' ? "%" : value(name, text.at(i), problems));
            }
            i += 2;
        }
        return rewriting.result();
    }

    private String value(char name, Location at, Problems problems) {
        String value = values.get(name);
        if (value == null) {
            problems.error(at, "%" + name + " is no magic variable; write %% for a percent sign");
            return "";
        }
        return value;
    }
}
