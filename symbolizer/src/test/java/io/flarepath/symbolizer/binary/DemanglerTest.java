package io.flarepath.symbolizer.binary;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected names are those of c++filt, the hashes of Rust names taken off. */
final class DemanglerTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    _ZN5shape6Circle4areaEv | shape::Circle::area
                    _ZN5shape6CircleC2Ed | shape::Circle::Circle
                    _ZNK5shape6CirclecvdEv | shape::Circle::operator double
                    _Z3sumIiEiT_S0_ | sum
                    _ZNSt6vectorIiSaIiEE9push_backERKi | std::vector::push_back
                    _ZNSsC1EPKc | std::basic_string::basic_string
                    _ZStlsIcSt11char_traitsIcESaIcEE | std::operator<<
                    _ZN1CIiECI21BIiEEi | C::B
                    _ZZ4mainENUlvE_D4Ev | main::{lambda#1}::~{lambda#1}
                    _ZZ4mainENKUliE_clEi | main::{lambda#1}::operator()
                    _ZN12_GLOBAL__N_14workEv | (anonymous namespace)::work
                    _Z1fB5cxx11v | f[abi:cxx11]
                    _ZTV6Circle | vtable for Circle
                    _ZThn16_N1B1fEv | non-virtual thunk to B::f
                    _RINvCs1234_7mycrate3fooiE | mycrate::foo::<isize>
                    main | main
                    """)
    void theShortFormHasNoTemplateArgumentsAndNoParameters(String symbol, String expected) {
        assertThat(Demangler.shortName(symbol)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    _ZN5shape6Circle4areaEv | shape::Circle::area()
                    _ZN5shape6CircleC2Ed | shape::Circle::Circle(double)
                    _ZN5shape6CircleD0Ev | shape::Circle::~Circle()
                    _ZNK5shape6CirclecvdEv | shape::Circle::operator double() const
                    _Z3sumIiEiT_S0_ | int sum<int>(int, int)
                    _Z5applyPFviEi | apply(void (*)(int), int)
                    _Z4takeRA6_Kc | take(char const (&) [6])
                    _ZTV6Circle | vtable for Circle
                    _ZThn16_N1B1fEv | non-virtual thunk to B::f()
                    _ZGVZ4mainE1x | guard variable for main::x
                    _ZN1CIiECI21BIiEEi | C<int>::B(int)
                    _ZZ4mainENKUliE_clEi | main::{lambda(int)#1}::operator()(int) const
                    _Z3useIiZ4mainEUlRKT_PS0_E_EvS0_S2_ | void use<int, main::{lambda(auto:1 const&, auto:1*)#1}>(int, int const&)
                    _ZN12_GLOBAL__N_14workEv | (anonymous namespace)::work()
                    _ZStlsIcSt11char_traitsIcESaIcEE | std::operator<< <char, std::char_traits<char>, std::allocator<char> >
                    _Z3foov.cold | foo() [clone .cold]
                    _Z1fB5cxx11v | f[abi:cxx11]()
                    _Z3logIJiPKcEEvDpT_ | void log<int, char const*>(int, char const*)
                    _ZN3app4main17h0123456789abcdefE | app::main
                    _ZN47_$LT$app..Shape$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE | <app::Shape as core::fmt::Debug>::fmt
                    _RNvCs1234_7mycrate3foo | mycrate::foo
                    _RNCNvCs1234_7mycrate3foo0 | mycrate::foo::{closure#0}
                    _RINvCs1234_7mycrate3fooiE | mycrate::foo::<isize>
                    _RNvYNtCs1234_7mycrate3FooNtB4_3Bar3baz | <mycrate::Foo as mycrate::Bar>::baz
                    _RINvCs1234_7mycrate3fooKj3_E | mycrate::foo::<3>
                    _RNvC7mycrateu8gdel_5qa | mycrate::gödel
                    main | main
                    _Zgarbage | _Zgarbage
                    """)
    void namesReadAsCxxfiltPrintsThem(String mangled, String readable) {
        assertThat(Demangler.demangle(mangled)).isEqualTo(readable);
    }

    @Test
    void nestedSubstitutionsCannotGrowWithoutEnd() {
        StringBuilder bomb = new StringBuilder("_Z1fI1aEvT_");
        for (int i = 0; i < 60; i++) {
            bomb.append("N1bI")
                    .append("S")
                    .append(Integer.toString(i, 36).toUpperCase(java.util.Locale.ROOT))
                    .append("_S_EE");
        }
        assertThat(Demangler.demangle(bomb.toString()).length()).isLessThan(20_000);
        assertThat(Demangler.demangle("_Z1f" + "P".repeat(100_000) + "i")).startsWith("_Z1fPPP");
        assertThat(Demangler.demangle("_R" + "I".repeat(100_000))).startsWith("_RIII");
    }

    @Test
    void damagedNamesNeverThrow() {
        long seed = Long.getLong("flarepath.seed", 97);
        Random random = new Random(seed);
        String[] names = {
            "_ZStlsIcSt11char_traitsIcESaIcEERSt13basic_ostreamIT_T0_ES6_St5_Setw",
            "_ZZN3fooIJiPKcEE3barEDpT_ENKUlvE_clEv",
            "_RINvNtC3std3mem8align_ofNtNtC3std3mem12DiscriminantE",
        };
        for (int i = 0; i < 20_000; i++) {
            char[] name = names[i % names.length].toCharArray();
            for (int change = random.nextInt(4); change >= 0; change--) {
                name[2 + random.nextInt(name.length - 2)] =
                        "NIESTDPKJ_0123abcdXLZ.".charAt(random.nextInt(22));
            }
            assertThat(Demangler.demangle(new String(name))).as("seed %d", seed).isNotEmpty();
        }
    }
}
