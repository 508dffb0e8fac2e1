package io.flarepath.api;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Which part may know which: api knows store, symbolizer and the page; those know none of ours. */
@AnalyzeClasses(packages = "io.flarepath", importOptions = ImportOption.DoNotIncludeTests.class)
class DependencyRuleTest {

    @ArchTest
    static final ArchRule theServiceDoesNotKnowTheAgent =
            noClasses()
                    .that()
                    .resideInAPackage("io.flarepath.api..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.flarepath.agent..", "io.flarepath.bpf..");

    @ArchTest
    static final ArchRule theStoreKnowsNoneOfOurs =
            classes()
                    .that()
                    .resideInAPackage("io.flarepath.store..")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "io.flarepath.store..",
                            "java..",
                            "org.rocksdb..",
                            "com.github.luben.zstd..",
                            "org.agrona..",
                            "org.slf4j..",
                            "org.jspecify..");

    @ArchTest
    static final ArchRule theSymbolizerDependsOnNothing =
            classes()
                    .that()
                    .resideInAPackage("io.flarepath.symbolizer..")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage("io.flarepath.symbolizer..", "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule theConfigurationKnowsNoneOfOurs =
            noClasses()
                    .that()
                    .resideInAPackage("io.flarepath.config..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.flarepath.api..",
                            "io.flarepath.store..",
                            "io.flarepath.symbolizer..");

    @ArchTest
    static final ArchRule onlyTheStoreTouchesRocksDb =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.flarepath.store..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.rocksdb..");

    @ArchTest
    static final ArchRule thePartsOfTheServiceHaveNoCycles =
            slices().matching("io.flarepath.api.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule noGrabBags =
            noClasses()
                    .should()
                    .haveSimpleNameEndingWith("Manager")
                    .orShould()
                    .haveSimpleNameEndingWith("Helper")
                    .orShould()
                    .haveSimpleNameEndingWith("Utils")
                    .orShould()
                    .haveSimpleNameEndingWith("Util")
                    .orShould()
                    .haveSimpleNameEndingWith("Impl");
}
