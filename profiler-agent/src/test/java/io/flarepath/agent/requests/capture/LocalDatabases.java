package io.flarepath.agent.requests.capture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** Databases of this machine, one at a time, with their data in the folder, and their clients. */
final class LocalDatabases {
    private final LocalServers servers;
    private final Path folder;
    private final int port;

    /**
     * None runs yet.
     *
     * @param port at which one will listen
     */
    LocalDatabases(LocalServers servers, Path folder, int port) {
        this.servers = servers;
        this.folder = folder;
        this.port = port;
    }

    /** Starts PostgreSQL. */
    void postgres() throws Exception {
        String tools = postgresTools();
        Path data = Files.createDirectory(folder.resolve("data"));
        servers.run("chown", "nobody", data.toString());
        // It does not run as root.
        servers.run(asNobody(tools + "initdb", "-N", "-A", "trust", "-U", "me", "-D", "data"));
        servers.listen(
                port,
                asNobody(
                        tools + "postgres",
                        "-D",
                        "data",
                        "-p",
                        Integer.toString(port),
                        "-c",
                        "unix_socket_directories=",
                        "-c",
                        "fsync=off"));
    }

    /** Where PostgreSQL is, as its clients want it. */
    String postgresAddress() {
        return "host=127.0.0.1 user=me dbname=postgres sslmode=disable port=" + port;
    }

    /** The folder, with a slash at the end, of PostgreSQL's newest programs. */
    static String postgresTools() throws IOException {
        try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
            return versions.filter(version -> Files.exists(version.resolve("bin/pgbench")))
                            .max(Path::compareTo)
                            .orElseThrow()
                    + "/bin/";
        }
    }

    private static String[] asNobody(String... command) {
        List<String> all =
                new ArrayList<>(
                        List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
        Collections.addAll(all, command);
        return all.toArray(String[]::new);
    }

    /** Starts MariaDB. */
    void mariaDb() throws Exception {
        servers.run(
                "mariadb-install-db",
                "--no-defaults",
                "--user=root",
                "--datadir=" + folder.resolve("data"),
                "--auth-root-authentication-method=normal");
        servers.listen(
                port,
                "mariadbd",
                "--no-defaults",
                "--user=root",
                "--datadir=" + folder.resolve("data"),
                "--socket=" + folder.resolve("socket"),
                "--pid-file=" + folder.resolve("pid"),
                "--bind-address=127.0.0.1",
                "--port=" + port,
                "--skip-ssl");
    }

    /** A command of one of MariaDB's clients. */
    String[] mariaDbClient(String name, String... options) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                name,
                                "--no-defaults",
                                "--protocol=tcp",
                                "--host=127.0.0.1",
                                "--user=root",
                                "--skip-ssl",
                                "--port=" + port));
        Collections.addAll(command, options);
        return command.toArray(String[]::new);
    }
}
