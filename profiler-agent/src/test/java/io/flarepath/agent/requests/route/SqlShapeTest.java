package io.flarepath.agent.requests.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlShapeTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '%',
            value = {
                "select * from orders where id = 7|SELECT|orders|SELECT * FROM orders where id = ?",
                "/* hint */ INSERT INTO shop.orders VALUES (1, 'a''b', NULL), (2, 'c')|INSERT"
                        + "|shop.orders|INSERT INTO shop.orders VALUES (?, NULL), (?)",
                "UPDATE `order items` SET a = 0x1F WHERE b IN (1,2,3)|UPDATE|order items"
                        + "|UPDATE order items SET a = ? WHERE b IN (?)",
                "DELETE FROM \"Users\" WHERE name = E'it\\'s' -- secret|DELETE|Users"
                        + "|DELETE FROM Users WHERE name = ?",
                "SELECT $tag$secret$tag$, $1, ? FROM t|SELECT|t|SELECT ? FROM t",
                "select \"secret\" from t where x=\"other\"|SELECT|t|SELECT ? FROM t where x = ?",
                "SELECT a FROM t WHERE b = 'C:\\' AND c = 'secret'|SELECT|t"
                        + "|SELECT a FROM t WHERE b = ?",
                "SELECT a FROM t WHERE b = 'C:\\\\' AND c = 'secret'|SELECT|t"
                        + "|SELECT a FROM t WHERE b = ? AND c = ?",
                "BEGIN|BEGIN||BEGIN",
                "SELECT 'cut off|SELECT||SELECT ?",
                "CREATE TABLE IF NOT EXISTS t (a int)|CREATE|t"
                        + "|CREATE TABLE IF NOT EXISTS t (a int)",
                "COPY t FROM STDIN|COPY|t|COPY t FROM STDIN",
                "WITH x AS (SELECT 1.5e-3) SELECT * FROM x|WITH|x"
                        + "|WITH x AS (SELECT ?) SELECT * FROM x",
            })
    void statementsHaveAShape(String sql, String operation, String table, String text) {
        SqlShape shape = SqlShape.of(sql);
        assertThat(shape.operation()).isEqualTo(operation);
        assertThat(shape.table()).isEqualTo(table == null ? "" : table);
        assertThat(shape.text()).isEqualTo(text);
    }

    /** Whatever stands around it, and wherever it is cut. */
    @Test
    void noLiteralIsLeft() {
        String[] literals = {
            "'hunter2'", "'a''hunter2'", "'\\'hunter2'", "E'hunter2'", "'C:\\'", "42hunter2"
        };
        String[] frames = {
            "SELECT a FROM t WHERE b = %s",
            "INSERT INTO t VALUES (%s, %s)",
            "SELECT %s FROM t -- 'x",
            "UPDATE t SET a=%s,b = %s WHERE c LIKE %s",
            "CALL f(%s)"
        };
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            String sql = frames[random.nextInt(frames.length)];
            while (sql.contains("%s")) {
                sql = sql.replaceFirst("%s", literal(literals[random.nextInt(literals.length)]));
            }
            String cut = sql.substring(0, random.nextInt(sql.length() + 1));
            assertThat(SqlShape.of(cut).text()).as(cut).doesNotContain("hunter", "42");
        }
    }

    private static String literal(String text) {
        return Matcher.quoteReplacement(text);
    }

    @Test
    void longStatementsAreCut() {
        SqlShape shape = SqlShape.of("SELECT " + "a, ".repeat(10_000) + " b FROM t");
        assertThat(shape.text()).hasSizeLessThanOrEqualTo(SqlShape.LONGEST);
    }
}
