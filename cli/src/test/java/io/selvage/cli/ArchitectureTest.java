package io.selvage.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The rules of the house, over the classes of every module. */
class ArchitectureTest {
    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.selvage");

    @Test
    void arrowsPointDownTheLayersOnly() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("io.selvage..")
                .layer("cli")
                .definedBy("io.selvage.cli..")
                .layer("gateway")
                .definedBy("io.selvage.gateway..")
                .layer("worlds and services")
                .definedBy("io.selvage.cgi..", "io.selvage.kv..", "io.selvage.config..")
                .layer("cache")
                .definedBy("io.selvage.cache..")
                .layer("esi")
                .definedBy("io.selvage.esi..")
                .layer("rules")
                .definedBy("io.selvage.rules..")
                .layer("origins")
                .definedBy("io.selvage.origins..")
                .layer("node")
                .definedBy("io.selvage.node..")
                .layer("wasi")
                .definedBy("io.selvage.wasi..")
                .layer("wasm")
                .definedBy("io.selvage.wasm..")
                .layer("tls")
                .definedBy("io.selvage.tls..")
                .whereLayer("tls")
                .mayOnlyBeAccessedByLayers("cli", "gateway")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("gateway")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("worlds and services")
                .mayOnlyBeAccessedByLayers("cli", "gateway")
                .whereLayer("cache")
                .mayOnlyBeAccessedByLayers("cli", "gateway")
                .whereLayer("esi")
                .mayOnlyBeAccessedByLayers("gateway")
                .whereLayer("rules")
                .mayOnlyBeAccessedByLayers("cli", "gateway")
                .whereLayer("origins")
                .mayOnlyBeAccessedByLayers("cli", "gateway")
                .whereLayer("node")
                .mayOnlyBeAccessedByLayers("cli", "gateway", "cache", "rules", "origins", "tls", "worlds and services")
                .whereLayer("wasi")
                .mayOnlyBeAccessedByLayers("cli", "gateway", "worlds and services", "node")
                .check(HOUSE);
    }

    @Test
    void worldsAndServicesDoNotKnowEachOther() {
        slices().matching("io.selvage.(cgi|kv|config)..")
                .should()
                .notDependOnEachOther()
                .check(HOUSE);
    }

    @Test
    void theEngineDependsOnTheJdkAlone() {
        classes()
                .that()
                .resideInAPackage("io.selvage.wasm..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("io.selvage.wasm..", "java..", "jdk..", "org.jspecify..")
                .because("its one annotation library is not needed at run time")
                .check(HOUSE);
    }

    @Test
    void aModuleIsOneFlatPackage() {
        classes()
                .should()
                .resideInAnyPackage(
                        "io.selvage.wasm",
                        "io.selvage.wasm.internal",
                        "io.selvage.wasm.text",
                        "io.selvage.wasi",
                        "io.selvage.node",
                        "io.selvage.cgi",
                        "io.selvage.kv",
                        "io.selvage.config",
                        "io.selvage.cache",
                        "io.selvage.esi",
                        "io.selvage.rules",
                        "io.selvage.origins",
                        "io.selvage.tls",
                        "io.selvage.gateway",
                        "io.selvage.cli")
                .check(HOUSE);
    }
}
