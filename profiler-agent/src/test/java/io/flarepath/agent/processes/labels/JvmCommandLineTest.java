package io.flarepath.agent.processes.labels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JvmCommandLineTest {
    private static final Map<String, String> FILES =
            Map.of(
                    "args", "-cp \"/opt/my app/lib/*\" # the libraries\n-Xmx1g com.example.Main",
                    "options", "-Xmx1g\n'-Dname=a b'\n",
                    "loop", "@loop",
                    "quoted", "-cp \"a\\\\b\\\n   c\" org.example.Quoted");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    java -cp /a:/b com.example.Main arg              | com.example.Main
                    java -classpath x -Xmx1g -Dfoo=bar Main          | Main
                    java --class-path=x com.example.Main             | com.example.Main
                    /usr/bin/java -jar /opt/app/shop-1.2.jar --port 1 | shop-1.2
                    java -Xmx1g -jar app.JAR                         | app.JAR
                    java -javaagent:a.jar -jar app.jar               | app
                    java -m shop/com.example.Main                    | com.example.Main
                    java -p mods --module shop                       | shop
                    java --module=shop/com.example.Main              | com.example.Main
                    java --add-opens java.base/java.lang=ALL-UNNAMED --add-modules a,b com.example.Main | com.example.Main
                    java --add-opens=java.base/java.lang=ALL-UNNAMED com.example.Main | com.example.Main
                    java --enable-native-access ALL-UNNAMED -cp x Main | Main
                    java @args one two                               | com.example.Main
                    java @options -jar app.jar                       | app
                    java @quoted                                     | org.example.Quoted
                    java @missing -jar app.jar                       | app
                    java @@odd                                       | @odd
                    java @loop -jar a.jar                            | @loop
                    java --disable-@files @args                      | @args
                    java --source 21 src/Hello.java                  | Hello
                    java com/example/Main                            | com.example.Main
                    java -version                                    | -
                    java -jar                                        | -
                    java -cp                                         | -
                    java                                             | -
                    """)
    void findsWhatIsRun(String line, String main) {
        List<String> arguments = Arrays.asList(line.split(" "));

        String found = JvmCommandLine.main(arguments, name -> FILES.getOrDefault(name, ""));

        assertThat(found).isEqualTo(main == null ? "" : main);
    }

    @Test
    void splitsArgumentFilesAsTheLauncherDoes() {
        assertThat(JvmCommandLine.argumentsOf("a 'b c' \"d\\te\" f#g # h\n\ti\"\""))
                .containsExactly("a", "b c", "d\te", "f#g", "i");
        assertThat(JvmCommandLine.argumentsOf("\"x\\\n  y\"")).containsExactly("xy");
        assertThat(JvmCommandLine.argumentsOf("  ")).isEmpty();
        assertThat(JvmCommandLine.argumentsOf("\"open")).containsExactly("open");
    }
}
