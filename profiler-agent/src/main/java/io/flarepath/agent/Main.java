package io.flarepath.agent;

import io.flarepath.agent.doctor.Doctor;
import io.flarepath.config.Arguments;
import io.flarepath.config.Configuration;
import io.flarepath.config.ConfigurationException;
import io.flarepath.config.Setting;
import java.util.List;

/**
 * Starts the agent: {@code agent} or {@code doctor}, with {@code --config FILE} and {@code --set
 * KEY=VALUE}. Ends with 0 after a signal, 1 if it cannot sample, 2 if it was called wrongly.
 */
public final class Main {
    private static final int CANNOT_SAMPLE = 1;
    private static final int WRONG_CALL = 2;

    private Main() {}

    /** Runs until it is told to stop. */
    public static void main(String[] words) {
        int code = run(List.of(words));
        // Threads of the JDK's HTTP client and server would keep the process for a while.
        Runtime.getRuntime().halt(code);
    }

    private static int run(List<String> words) {
        Configuration configuration;
        String command;
        try {
            Arguments arguments = Arguments.parse(words);
            command = arguments.operands().isEmpty() ? "agent" : arguments.operands().getFirst();
            if (arguments.operands().size() > 1
                    || (!command.equals("agent") && !command.equals("doctor"))) {
                return fail(
                        "unknown command: "
                                + String.join(" ", arguments.operands())
                                + "; use agent or doctor",
                        WRONG_CALL);
            }
            configuration = arguments.load(System.getenv());
        } catch (ConfigurationException e) {
            return fail(String.valueOf(e.getMessage()), WRONG_CALL);
        }
        // Before the first logger is made.
        System.setProperty("flarepath.log.level", configuration.text(Setting.LOG_LEVEL));
        return command.equals("doctor")
                ? Doctor.run(configuration, System.out)
                : agent(configuration);
    }

    private static int agent(Configuration configuration) {
        try {
            AgentRun.untilStopped(configuration);
            return 0;
        } catch (CannotRunException e) {
            return fail(e.getMessage(), CANNOT_SAMPLE);
        }
    }

    private static int fail(String message, int code) {
        System.err.println("flarepath agent: " + message);
        return code;
    }
}
