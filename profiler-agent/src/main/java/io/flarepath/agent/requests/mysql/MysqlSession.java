package io.flarepath.agent.requests.mysql;

import io.flarepath.agent.requests.route.SqlShape;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What both directions of a connection to MySQL have to know of each other. */
final class MysqlSession {
    static final int QUIT = 0x01;
    static final int INIT_DB = 0x02;
    static final int QUERY = 0x03;
    static final int FIELD_LIST = 0x04;
    static final int STATISTICS = 0x09;
    static final int PING = 0x0e;
    static final int CHANGE_USER = 0x11;
    static final int BINLOG_DUMP = 0x12;
    static final int BINLOG_DUMP_GTID = 0x1e;
    static final int REGISTER_SLAVE = 0x15;
    static final int STMT_PREPARE = 0x16;
    static final int STMT_EXECUTE = 0x17;
    static final int STMT_SEND_LONG_DATA = 0x18;
    static final int STMT_CLOSE = 0x19;
    static final int STMT_RESET = 0x1a;
    static final int SET_OPTION = 0x1b;
    static final int STMT_FETCH = 0x1c;
    static final int RESET_CONNECTION = 0x1f;

    private static final int MOST_STATEMENTS = 256;

    private final LinkedHashMap<Integer, SqlShape> statements =
            new LinkedHashMap<>(16, 0.75f, true);

    /** Between the first byte and the end of the login. */
    boolean login;

    /** Encrypted, compressed, or a stream of changes: nothing more can be read. */
    boolean opaque;

    /** Text of the statement that is being prepared: its number comes with the answer. */
    private @Nullable SqlShape preparing;

    static String name(int command) {
        return switch (command) {
            case INIT_DB -> "USE";
            case FIELD_LIST -> "FIELD LIST";
            case STATISTICS -> "STATISTICS";
            case PING -> "PING";
            case CHANGE_USER -> "CHANGE USER";
            case STMT_PREPARE -> "PREPARE";
            case STMT_EXECUTE -> "EXECUTE";
            case STMT_SEND_LONG_DATA -> "SEND LONG DATA";
            case STMT_CLOSE -> "CLOSE";
            case STMT_RESET -> "RESET";
            case STMT_FETCH -> "FETCH";
            case SET_OPTION -> "SET OPTION";
            case RESET_CONNECTION -> "RESET CONNECTION";
            case QUIT -> "QUIT";
            default -> "COMMAND " + command;
        };
    }

    void preparing(SqlShape shape) {
        preparing = shape;
    }

    void prepared(int id) {
        SqlShape shape = preparing;
        if (shape != null) {
            statements.put(id, shape);
            Map.Entry<Integer, SqlShape> eldest = statements.firstEntry();
            if (statements.size() > MOST_STATEMENTS && eldest != null) {
                statements.remove(eldest.getKey());
            }
        }
        preparing = null;
    }

    SqlShape statement(int id) {
        return statements.getOrDefault(id, SqlShape.NONE);
    }

    void closed(int id) {
        statements.remove(id);
    }

    /** Messages were missed: a number may mean another statement now. */
    void forget() {
        statements.clear();
        preparing = null;
        login = false;
    }

    int heldBytes() {
        return statements.size() * 1024;
    }
}
