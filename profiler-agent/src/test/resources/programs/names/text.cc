// SPDX-License-Identifier: Apache-2.0
// Regular expressions and streams: deep templates, of which little is inlined.
#include <iomanip>
#include <regex>
#include <sstream>
#include <string>

static std::string lines(int count) {
    std::ostringstream out;
    for (int i = 0; i < count; i++)
        out << "10.0." << i % 7 << '.' << i << " GET /item/" << std::hex << i * 37 << std::dec << " took=" << std::fixed
            << std::setprecision(2) << i * 0.37 << "ms\n";
    return out.str();
}

static double sum(const std::string& text) {
    static const std::regex line(R"((\d+)\.(\d+)\.\d+\.\d+ (GET|POST) /(\w+)/([0-9a-f]+) took=([0-9.]+)ms)");
    double all = 0;
    for (std::sregex_iterator at(text.begin(), text.end(), line), end; at != end; ++at)
        all += std::stod((*at)[6]) + static_cast<double>(std::stoul((*at)[5], nullptr, 16));
    return all;
}

int main() {
    static volatile double sink;
    for (;;) sink = sink + sum(lines(40));
}
