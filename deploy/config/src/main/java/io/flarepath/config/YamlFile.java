package io.flarepath.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads a YAML file as flat keys with their lines: {@code limits: {body: 1MiB}} and {@code
 * limits.body: 1MiB} are the same. Only the tree of nodes is made, never an object.
 */
final class YamlFile {
    private static final int LONGEST = 1 << 20;
    private static final int DEEPEST = 4;
    private static final int MOST_VALUES = 10_000;

    private final String name;
    private final List<String> errors;
    private final List<Given> given = new ArrayList<>();
    private int seen;

    private YamlFile(String name, List<String> errors) {
        this.name = name;
        this.errors = errors;
    }

    /** Reads the values in their order; what cannot be read is added to the errors. */
    static List<Given> read(Path file, List<String> errors) {
        YamlFile yaml = new YamlFile(file.toString(), errors);
        try {
            yaml.parse(text(file));
        } catch (CharacterCodingException e) {
            errors.add(file + ": must be UTF-8 text: save it as UTF-8");
        } catch (IOException e) {
            errors.add(
                    "%s: cannot be read (%s): name an existing, readable YAML file with --config"
                            .formatted(file, e));
        }
        return yaml.given;
    }

    private static String text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LONGEST + 1);
            if (bytes.length > LONGEST) {
                throw new IOException("longer than the limit of 1 MiB");
            }
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        }
    }

    private void parse(String text) {
        LoadSettings settings =
                LoadSettings.builder().setLabel(name).setAllowNonScalarKeys(true).build();
        try {
            Optional<Node> root = new Compose(settings).composeString(text);
            if (root.isPresent()) {
                walkRoot(root.get());
            }
        } catch (MarkedYamlEngineException e) {
            errors.add(
                    "%s: is not YAML: %s"
                            .formatted(at(e.getProblemMark()), oneLine(e.getProblem())));
        } catch (YamlEngineException e) {
            errors.add(
                    "%s: is not YAML: %s".formatted(name, oneLine(String.valueOf(e.getMessage()))));
        }
    }

    private void walkRoot(Node root) {
        if (root instanceof MappingNode mapping) {
            walk("", mapping, 1);
        } else if (!(root instanceof ScalarNode && root.getTag().equals(Tag.NULL))) {
            errors.add(
                    at(root.getStartMark()) + ": must hold keys and values, like `frequency: 97`");
        }
    }

    private void walk(String prefix, MappingNode mapping, int depth) {
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
                errors.add(at(tuple.getKeyNode().getStartMark()) + ": a key must be plain text");
                continue;
            }
            if (++seen > MOST_VALUES) {
                errors.add("%s: has more than the limit of %d values".formatted(name, MOST_VALUES));
                return;
            }
            String key = prefix + keyNode.getValue();
            String origin = at(keyNode.getStartMark());
            Node value = tuple.getValueNode();
            if (value instanceof MappingNode inner && depth < DEEPEST) {
                walk(key + ".", inner, depth + 1);
            } else {
                take(key, origin, value);
            }
        }
    }

    private void take(String key, String origin, Node value) {
        switch (value) {
            case ScalarNode scalar -> given.add(Given.text(key, origin, scalarText(scalar)));
            case SequenceNode list when onlyScalars(list) -> {
                List<String> items =
                        list.getValue().stream().map(n -> scalarText((ScalarNode) n)).toList();
                given.add(new Given(key, origin, items, true));
            }
            default ->
                    errors.add(
                            "%s: %s must be a value or a list of values: nest keys at most %d deep"
                                    .formatted(origin, Given.quoted(key), DEEPEST));
        }
    }

    private static boolean onlyScalars(SequenceNode list) {
        return list.getValue().stream().allMatch(ScalarNode.class::isInstance);
    }

    /** Nothing after the colon means an empty value. */
    private static String scalarText(ScalarNode scalar) {
        return scalar.getTag().equals(Tag.NULL) ? "" : scalar.getValue();
    }

    private String at(Optional<Mark> mark) {
        return mark.map(m -> name + ":" + (m.getLine() + 1)).orElse(name);
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ");
    }
}
