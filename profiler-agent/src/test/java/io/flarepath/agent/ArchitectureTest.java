package io.flarepath.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Holds which way the agent's parts may depend on each other, and on what else. */
@AnalyzeClasses(packages = "io.flarepath", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule usesOnlyItsOwnModulesOfOurs =
            noClasses()
                    .that()
                    .resideInAPackage("io.flarepath.agent..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.flarepath.store..",
                            "io.flarepath.api..",
                            "io.vertx..",
                            "io.netty..",
                            "org.rocksdb..");

    @ArchTest
    static final ArchRule agentIsUsedByNoOther =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.flarepath.agent..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.flarepath.agent..");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.flarepath.agent.(*)..").should().beFreeOfCycles();
}
