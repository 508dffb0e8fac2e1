package io.flarepath.api.query.export;

import io.flarepath.api.query.flamebearer.NamedTree;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Stacks as text, one a line: names from the root down, joined by semicolons, a space, and a value
 * for each side. Characters that would break a line apart are replaced.
 */
public final class Collapsed {
    private Collapsed() {}

    /** All stacks of a tree; of two trees with both values, as difffolded.pl writes them. */
    public static byte[] of(NamedTree tree) {
        StringBuilder text = new StringBuilder();
        List<String> names = new ArrayList<>();
        for (int node = 0; node < tree.size(); node++) {
            boolean any = false;
            for (int side = 0; side < tree.sides(); side++) {
                any |= tree.self(side, node) > 0;
            }
            if (!any) {
                continue;
            }
            names.clear();
            for (int at = node; at > 0; at = tree.parent(at)) {
                names.add(plain(tree.name(at)));
            }
            text.append(names.isEmpty() ? "total" : String.join(";", names.reversed()));
            for (int side = 0; side < tree.sides(); side++) {
                text.append(' ').append(tree.self(side, node));
            }
            text.append('\n');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String plain(String name) {
        StringBuilder plain = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            plain.append(c == ';' ? ':' : c < ' ' || c == 0x7f ? '_' : c);
        }
        return plain.isEmpty() ? "_" : plain.toString();
    }
}
