import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import type { GraphiQLPlugin } from "@graphiql/react";
import type { Config } from "./config";
import { createFetcher } from "./fetcher";
import { ResponseFooter } from "./footer";
import { LiveIcon, PlanIcon, SignInIcon, TourIcon } from "./icons";
import { LivePanel } from "./live/panel";
import { PlanPanel } from "./plan/panel";
import { ChooseShared, ShareButton, takeShared } from "./share";
import { SignInPanel } from "./sign-in/panel";
import { TourPanel } from "./tour/panel";
import { WELCOME } from "./welcome";

/** GraphiQL with our plugins. `config` never changes while the page is open. */
export function createApp(config: Config) {
  const fetcher = createFetcher(config.endpoint);
  const shared = takeShared();
  const plugins: GraphiQLPlugin[] = [
    HISTORY_PLUGIN,
    { title: "Tour", icon: TourIcon, content: () => <TourPanel config={config} /> },
    { title: "Sign in", icon: SignInIcon, content: () => <SignInPanel config={config} /> },
    { title: "Plan", icon: PlanIcon, content: () => <PlanPanel endpoint={config.endpoint} /> },
    { title: "Live", icon: LiveIcon, content: () => <LivePanel config={config} /> },
  ];
  return () => (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      defaultQuery={WELCOME}
      defaultEditorToolsVisibility="variables"
      initialQuery={shared.query}
      initialVariables={shared.query && (shared.variables ?? "")}
    >
      <GraphiQL.Logo>STEAM-PUNK</GraphiQL.Logo>
      <GraphiQL.Toolbar>
        {({ prettify, copy, merge }) => (
          <>
            {prettify}
            {copy}
            {merge}
            <ShareButton />
          </>
        )}
      </GraphiQL.Toolbar>
      <GraphiQL.Footer>
        <ResponseFooter />
      </GraphiQL.Footer>
      <ChooseShared {...shared} />
    </GraphiQL>
  );
}
