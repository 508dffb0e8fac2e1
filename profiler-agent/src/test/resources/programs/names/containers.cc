// SPDX-License-Identifier: Apache-2.0
// Broad work in C++: containers, algorithms with lambdas, text, virtual calls, exceptions.
#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <queue>
#include <set>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace shapes {
template <class T> T square(T x) { return x * x; }

struct Shape {
    virtual ~Shape() = default;
    virtual double area() const = 0;
};

struct Circle final : Shape {
    explicit Circle(double r) : radius(r) {}
    double area() const override { return 3.14159 * square(radius); }
    double radius;
};

struct Box final : Shape {
    Box(double w, double h) : width(w), height(h) {}
    double area() const override { return width * height; }
    double width, height;
};

std::vector<std::unique_ptr<Shape>> make(int count) {
    std::vector<std::unique_ptr<Shape>> all;
    for (int i = 0; i < count; i++) {
        if (i % 3) all.push_back(std::make_unique<Box>(i, i + 1));
        else all.emplace_back(new Circle(i));
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a->area() < b->area(); });
    return all;
}
}  // namespace shapes

namespace {
using Value = std::variant<int, double, std::string>;

struct Length {
    std::size_t operator()(int i) const { return static_cast<std::size_t>(i % 7); }
    std::size_t operator()(double d) const { return static_cast<std::size_t>(d) % 11; }
    std::size_t operator()(const std::string& s) const { return s.size(); }
};

std::size_t variants(int count) {
    std::vector<Value> values;
    for (int i = 0; i < count; i++) {
        if (i % 3 == 0) values.emplace_back(i);
        else if (i % 3 == 1) values.emplace_back(i * 0.5);
        else values.emplace_back(std::to_string(i));
    }
    return std::accumulate(values.begin(), values.end(), std::size_t{0},
                           [](std::size_t sum, const Value& v) { return sum + std::visit(Length{}, v); });
}

std::size_t words(int count) {
    std::unordered_map<std::string, int> counts;
    std::string text;
    for (int i = 0; i < count; i++) text.append("word").append(std::to_string(i * 7919 % 251)).push_back(' ');
    for (std::size_t from = 0, to; (to = text.find(' ', from)) != std::string::npos; from = to + 1)
        counts[text.substr(from, to - from)]++;
    std::map<int, std::set<std::string>> by_count;
    for (const auto& [word, n] : counts) by_count[n].insert(word);
    std::size_t sum = 0;
    for (auto it = by_count.rbegin(); it != by_count.rend(); ++it)
        for (const auto& word : it->second) sum += word.size() * static_cast<std::size_t>(it->first);
    return sum;
}

std::size_t paths(int side) {
    struct Step { int cost, at; bool operator<(const Step& o) const { return cost > o.cost; } };
    std::vector<int> best(static_cast<std::size_t>(side * side), 1 << 30);
    std::priority_queue<Step> open;
    open.push({0, 0});
    while (!open.empty()) {
        Step step = open.top();
        open.pop();
        if (step.cost >= best[static_cast<std::size_t>(step.at)]) continue;
        best[static_cast<std::size_t>(step.at)] = step.cost;
        int x = step.at % side, y = step.at / side;
        auto visit = [&](int nx, int ny) {
            if (nx >= 0 && ny >= 0 && nx < side && ny < side)
                open.push({step.cost + 1 + (nx * 31 + ny * 17) % 9, ny * side + nx});
        };
        visit(x + 1, y); visit(x - 1, y); visit(x, y + 1); visit(x, y - 1);
    }
    return static_cast<std::size_t>(best.back());
}

std::size_t functions(int count) {
    std::vector<std::function<int(int)>> steps{[](int x) { return x + 3; }, [count](int x) { return x * count; },
                                               [](int x) { return x ^ (x >> 3); }};
    std::deque<int> values;
    for (int i = 0; i < count; i++) {
        int value = i;
        for (const auto& step : steps) value = step(value);
        values.push_front(value);
    }
    std::stable_sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    std::size_t found = 0;
    for (int i = 0; i < count; i++) found += std::binary_search(values.begin(), values.end(), i) ? 1 : 0;
    return found + values.size();
}

int checked(int i) {
    if (i % 64 == 0) throw std::out_of_range("no " + std::to_string(i));
    return i;
}

std::size_t exceptions(int count) {
    std::size_t sum = 0;
    for (int i = 0; i < count; i++) {
        try { sum += static_cast<std::size_t>(checked(i)); }
        catch (const std::out_of_range& e) { sum += std::string(e.what()).length(); }
    }
    return sum;
}
}  // namespace

int main() {
    static volatile std::size_t sink;
    for (;;) {
        double area = 0;
        for (const auto& shape : shapes::make(300)) area += shape->area();
        sink = sink + static_cast<std::size_t>(area) + variants(400) + words(600) + paths(16) + functions(300) + exceptions(500);
    }
}
