package dev.winnow.launcher;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What the modules may know of each other and of the world: the table of modules in docs/design.md, as rules over all classes. */
class StructureTest {

    private static final String API = "dev.winnow.api..";
    private static final String SPI = "dev.winnow.spi..";
    private static final String CORE = "dev.winnow.core..";
    private static final String COMPOSITION_ROOT = "dev.winnow.core.cdi..";
    private static final String LAUNCHER = "dev.winnow.launcher..";
    private static final List<String> PLUGINS = List.of("dev.winnow.cpu..", "dev.winnow.swa..", "dev.winnow.sparsek..");
    private static final String NULLNESS = "org.jspecify.annotations";

    private static final JavaClasses CLASSES = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("-tests.jar") && !location.contains("/test-classes/"))
            .importPackages("dev.winnow");

    private static void check(ArchRule rule) {
        rule.check(CLASSES);
    }

    /** A rule over no classes always holds: this one sees that the others look at something. */
    @Test
    void allModulesAreLookedAt() {
        assertTrue(CLASSES.size() > 150, CLASSES.size() + " classes");
        for (String module : List.of(API, SPI, CORE, LAUNCHER, "dev.winnow.cpu..", "dev.winnow.swa..")) {
            Predicate<com.tngtech.archunit.core.domain.JavaClass> inside = resideInAPackage(module);
            assertTrue(CLASSES.stream().anyMatch(inside), "no class in " + module);
        }
    }

    @Test
    void onlyTheRimKnowsCdi() {
        check(noClasses().that().resideOutsideOfPackages(COMPOSITION_ROOT, LAUNCHER).should().dependOnClassesThat()
                .resideInAnyPackage("jakarta..", "org.jboss..", "org.eclipse.microprofile.."));
    }

    /** The launcher has the methods of that package compiled early: vectors anywhere else would be interpreted for long. */
    @Test
    void onlyKernelsKnowTheVectorApi() {
        check(noClasses().that().resideOutsideOfPackage("dev.winnow.cpu.kernel..").should().dependOnClassesThat()
                .resideInAPackage("jdk.incubator.."));
    }

    /** JDK 25 may crash while it compiles such a call: see {@code PageReader}. */
    @Test
    void kernelsCallNoVectorOfUnknownType() {
        check(noClasses().that().resideInAPackage("dev.winnow.cpu..").should()
                .callMethodWhere(target(owner(name("jdk.incubator.vector.Vector")))));
    }

    @Test
    void theApiStandsAlone() {
        check(classes().that().resideInAnyPackage(API, SPI).should().onlyDependOnClassesThat().resideInAnyPackage(API, SPI, "java..",
                NULLNESS));
    }

    @Test
    void pluginsKnowOnlyTheApi() {
        for (String plugin : PLUGINS) {
            check(classes().that().resideInAPackage(plugin).should().onlyDependOnClassesThat()
                    .resideInAnyPackage(plugin, API, SPI, "java..", "jdk.incubator.vector..", NULLNESS).allowEmptyShould(true));
        }
    }

    @Test
    void theCoreKnowsNoPluginAndNoLauncher() {
        check(noClasses().that().resideInAPackage(CORE).should().dependOnClassesThat(
                resideInAnyPackage("dev.winnow..").and(are(not(resideInAnyPackage(API, SPI, CORE))))));
    }

    @Test
    void librariesDoNotWriteToTheConsole() {
        check(noClasses().that().resideOutsideOfPackage(LAUNCHER).should(ACCESS_STANDARD_STREAMS));
    }

    @Test
    void packagesHaveNoCycles() {
        check(slices().matching("dev.winnow.(**)").should().beFreeOfCycles());
    }
}
