#include "rewrite/rewriter.hpp"

#include "compat/features.hpp"

namespace pyccolo::rewrite {

Rewriter::Rewriter(site::SiteState& state, const Plan* plan, site::RewriteObject* rewrite,
                   Borrowed current_module, Borrowed local_guards)
    : state_(state),
      ast_(state.ast),
      n_(state.ast.names),
      plan_(plan),
      object_(rewrite),
      rewrite_(*rewrite->rewrite),
      module_(current_module),
      local_guards_(local_guards),
      value_tuples_(take(PyDict_New())),
      guards_enabled_(plan != nullptr ? plan->guards_enabled() : rewrite_.guards_enabled),
      any_exempt_(plan != nullptr ? plan->any_exempt() : rewrite_.any_exempt),
      local_guards_woven_(plan != nullptr && plan->any_local_guard()),
      // From 3.14 on annotations have a scope of their own and can be asked for as source.
      plain_annotations_(compat::kLazyAnnotations) {
  rewrite_.guards_enabled = guards_enabled_;
  rewrite_.any_exempt = any_exempt_;
}

Ref Rewriter::tree(Borrowed node) {
  const Kind kind = ast_.kind_of(node);
  ast::Edit edit(ast_, node);
  switch (kind) {
    case Kind::Expression: {
      Borrowed body = ast::required(node, n_.body);
      edit.set(n_.body, body, expr(body));
      break;
    }
    case Kind::Module: {
      Borrowed body = ast::required_list(node, n_.body);
      edit.set(n_.body, body, module_body(node, body));
      break;
    }
    case Kind::FunctionDef:
    case Kind::AsyncFunctionDef: {
      // Only its body: decorators and defaults were evaluated when it was defined.
      here_ = Location::of(ast_, node);
      Borrowed body = ast::required_list(node, n_.body);
      edit.set(n_.body, body, function_body(node, kind, body));
      break;
    }
    default:
      raise(PyExc_TypeError,
            "can only instrument a Module, an Expression, a FunctionDef or an AsyncFunctionDef, "
            "not %R",
            node.get());
  }
  rewrite_.sites.shrink_to_fit();
  for (site::Site& made : rewrite_.sites) made.settle_way();
  return edit.finish();
}

void Rewriter::replay(site::SiteState& state, site::RewriteObject* own, ThunkTarget& target) {
  Items known;
  const auto& sites = target.of.sites;
  for (std::uint32_t i = 0; i < sites.size(); ++i) {
    known.emplace(replay_key(sites[i].event, sites[i].node, sites[i].exempt), i);
  }
  own->rewrite->guards_enabled = target.of.guards_enabled;
  own->rewrite->any_exempt = target.of.any_exempt;
  Rewriter again(state, nullptr, own, nullptr, nullptr);
  again.replayed_ = &known;
  again.target_ = &target;
  if (const Ref& transformed = target.of.transformed) {
    own->rewrite->transformed = transformed.copy();
    again.use_transformed(transformed);
    again.tree(PyTuple_GET_ITEM(transformed.get(), 0));
  } else {
    again.tree(target.of.tree);
  }
}

}  // namespace pyccolo::rewrite
