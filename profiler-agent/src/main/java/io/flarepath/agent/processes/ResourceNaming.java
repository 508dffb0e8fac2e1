package io.flarepath.agent.processes;

import io.flarepath.agent.processes.labels.CgroupPlace;
import io.flarepath.agent.processes.labels.EnvironmentLabels;
import io.flarepath.agent.processes.labels.JvmCommandLine;
import io.flarepath.agent.processes.labels.ProcessFacts;
import io.flarepath.agent.processes.labels.ProgramName;
import io.flarepath.agent.processes.labels.ResourceAttributes;
import io.flarepath.agent.processes.labels.RuntimeKind;
import io.flarepath.symbolizer.binary.Executable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Finds out who a process is, and gives processes that are the same the same resource. */
final class ResourceNaming {
    /** Resources remembered; profiles of those forgotten go on under a new object. */
    private static final int MAX_RESOURCES = 20_000;

    private static final int MAX_ARGUMENT_FILE = 64 << 10;

    private final ProcFiles files;
    private final Containers containers;
    private final ResourceAttributes attributes;
    private final ProcessSelection selection;
    private final Executables executables;
    private final Map<SortedMap<String, String>, Resource> resources = new HashMap<>();
    private int nextId;

    ResourceNaming(
            ProcFiles files,
            Containers containers,
            ResourceAttributes attributes,
            ProcessSelection selection,
            Executables executables) {
        this.files = files;
        this.containers = containers;
        this.attributes = attributes;
        this.selection = selection;
        this.executables = executables;
    }

    /**
     * Reads what must be read soon: the environment and the cgroup.
     *
     * @param told the environment, where the kernel told of it; else it is read
     */
    void readIdentity(TrackedProcess process, @Nullable EnvironmentLabels told) {
        if (told != null) {
            process.environment = told;
        } else {
            readEnvironment(process);
        }
        readCgroup(process);
    }

    private void readEnvironment(TrackedProcess process) {
        int length = files.environment(process.pid());
        // Of a process that ended nothing is read: what it inherited holds. An empty environment is
        // told apart from that by the executable, which only a living process has.
        if (length > 0 || !files.executable(process.pid()).isEmpty()) {
            process.environment = EnvironmentLabels.parse(files.buffer(), length);
        }
    }

    /** Whether a process that maps this file changes its runtime. */
    boolean decidesRuntime(MappedFile file) {
        return RuntimeKind.ofFile(file.name()) != RuntimeKind.NATIVE;
    }

    /** Names the process, or names it anew if what it is named by has changed. */
    void check(TrackedProcess process) {
        if (process.kernelThread) {
            if (process.resource == null) {
                name(process, attributes.ofKernelThread(process.comm), -1);
            }
            return;
        }
        boolean moved = !process.hasExited() && readCgroup(process);
        RuntimeKind runtime = runtimeOf(process);
        boolean named = process.resource != null && !awaitsMain(process);
        if (named && !moved && runtime == process.runtime) {
            return;
        }
        process.runtime = runtime;
        ProcessFacts facts =
                new ProcessFacts(
                        programName(process),
                        process.comm,
                        runtime == RuntimeKind.JVM ? jvmMain(process) : "",
                        runtime,
                        process.environment,
                        process.place,
                        containers.of(process));
        int user = selection.needsUser() ? files.user(process.pid()) : -1;
        name(process, attributes.of(facts), user);
    }

    private void name(TrackedProcess process, SortedMap<String, String> named, int user) {
        process.excluded =
                process.environment.profilingOff()
                        || !selection.samples(
                                named.getOrDefault("service.name", ""),
                                named.getOrDefault("k8s.namespace.name", ""),
                                process.place.path(),
                                user);
        Resource resource = resources.get(named);
        if (resource == null) {
            if (resources.size() >= MAX_RESOURCES) {
                resources.clear();
            }
            resource = new Resource(nextId++, named);
            resources.put(named, resource);
        }
        process.resource = resource;
    }

    /** Reads the cgroup; gives whether it is another one. */
    private boolean readCgroup(TrackedProcess process) {
        String text = files.cgroup(process.pid());
        if (text.isEmpty() || text.equals(process.cgroupText)) {
            return false;
        }
        process.cgroupText = text;
        process.place = CgroupPlace.parse(text);
        return true;
    }

    /**
     * Name of the program that this image of the process runs. Of one whose exec was seen its
     * mappings tell: by now the link in /proc may be that of the next program, as where {@code env}
     * ran another.
     */
    private String programName(TrackedProcess process) {
        String path = "";
        if (!process.executable.isEmpty()) {
            int program = program(process.mappings());
            path = program < 0 ? process.executable : process.mappings().file(program).path();
        }
        if (path.isEmpty()) {
            path = files.executable(process.pid());
        }
        path = MappedFile.withoutDeleted(path);
        String file = path.substring(path.lastIndexOf('/') + 1);
        String called = process.hasExited() ? "" : files.firstArgument(process.pid());
        return ProgramName.of(file, called, process.comm);
    }

    /** The first mapping of a file that is not a library, or -1. */
    private static int program(Mappings mappings) {
        for (int i = 0; i < mappings.size(); i++) {
            MappedFile file = mappings.file(i);
            if (file.isFile() && !file.name().contains(".so")) {
                return i;
            }
        }
        return -1;
    }

    private RuntimeKind runtimeOf(TrackedProcess process) {
        if (process.runtime != RuntimeKind.NATIVE && process.resource != null) {
            return process.runtime;
        }
        Mappings mappings = process.mappings();
        for (int i = 0; i < mappings.size(); i++) {
            RuntimeKind kind = RuntimeKind.ofFile(mappings.file(i).name());
            if (kind != RuntimeKind.NATIVE) {
                return kind;
            }
        }
        int program = program(mappings);
        if (program < 0) {
            return RuntimeKind.NATIVE;
        }
        Executable executable =
                executables.of(
                        process,
                        mappings.file(program),
                        mappings.start(program),
                        mappings.end(program));
        return executable == null ? RuntimeKind.NATIVE : RuntimeKind.ofKind(executable.kind());
    }

    /** Whether it is a JVM whose command line could not be read so far. */
    private static boolean awaitsMain(TrackedProcess process) {
        return process.runtime == RuntimeKind.JVM
                && process.jvmMain == null
                && !process.hasExited();
    }

    private String jvmMain(TrackedProcess process) {
        String main = process.jvmMain;
        if (main == null) {
            List<String> arguments = files.commandLine(process.pid());
            main = JvmCommandLine.main(arguments, name -> argumentFile(process, name));
            // Early in an exec there are no arguments yet: they are read again.
            process.jvmMain = arguments.isEmpty() ? null : main;
        }
        return main;
    }

    private String argumentFile(TrackedProcess process, String name) {
        Path root = files.rootDirectory(process.pid());
        String path = name;
        if (!name.startsWith("/")) {
            Path cwd = root.resolveSibling("cwd");
            try {
                path = Files.readSymbolicLink(cwd) + "/" + name;
            } catch (IOException e) {
                return "";
            }
        }
        return TargetRoot.read(root, path, MAX_ARGUMENT_FILE);
    }
}
